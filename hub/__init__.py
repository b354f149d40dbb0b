"""The hub: wires core and plugins into one server."""

__version__ = "0.1.0"
