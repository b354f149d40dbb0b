"""The embeddable widget: its script, its app, its looks, and where it has been seen."""
