"""The kit's own `hub`, as an author outside of this repository has it."""

from connectors.testing.fixtures import hub  # noqa: F401 (nearer than the one of tests/conftest.py)

# Elsewhere than in Parley's own tests it is one line in the test's module:
# pytest_plugins = ["connectors.testing.fixtures"]
