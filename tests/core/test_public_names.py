"""E4: what `core` offers for import is there, and never in the way of one of its modules."""

from __future__ import annotations

import ast
from pathlib import Path

import core

ROOT = Path(__file__).parents[2]
AUTHORS = ROOT / "tests/connectors/teashop"
# Modules whose one function has the module's own name: `from core.decode import decode`.
BY_MODULE = {"core.decode"}


def test_E4_every_public_name_is_there() -> None:
    assert [name for name in core.__all__ if getattr(core, name) is None] == []


def test_E4_no_public_name_is_a_modules() -> None:
    """Once a module of that name is imported, `from core import name` would give the module."""
    modules = {path.stem for path in (ROOT / "core").glob("*.py")}
    assert modules & set(core.__all__) == set()


def test_E4_a_connector_is_written_with_public_names_alone() -> None:
    imported = {
        node.module
        for path in AUTHORS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    ours = {name for name in imported if name.startswith(("core", "hub", "chat", "connectors"))}
    kit = {name for name in ours if name.startswith("connectors.testing")}
    assert ours - kit == {"core", "connectors.http"} | BY_MODULE
