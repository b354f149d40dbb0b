"""The demo: an invented shop, its page and a day of its conversations."""
