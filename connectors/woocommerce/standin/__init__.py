"""A WooCommerce shop on this machine: strict where the real one is, and odd where it is odd."""

from connectors.woocommerce.standin.server import WooStore

__all__ = ["WooStore"]
