from connectors.testing.patience import until  # noqa: F401 (until everyone imports it from there)
