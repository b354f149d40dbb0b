"""The crash test: `kill -9` under load, again and again, and nothing acknowledged is lost."""
