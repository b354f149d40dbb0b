"""Shopify: catalog, orders, discounts and the storefront of every connected shop."""
