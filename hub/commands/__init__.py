"""The commands of `hub`, one module each; importing this package imports none of them."""
