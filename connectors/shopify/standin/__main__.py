"""`python -m connectors.shopify.standin`: the same as `hub sandbox shopify`."""

from connectors.shopify.standin.command import shopify

shopify()
