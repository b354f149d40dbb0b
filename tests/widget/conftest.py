"""The widget's routes do not depend on the kind of database: tests/core has both."""

from __future__ import annotations

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url
