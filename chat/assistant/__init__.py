"""The assistant: a plugin that answers visitors from the workspace's own data."""
