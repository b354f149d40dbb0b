"""The rules of the house that a reader can rely on, kept by machine."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core import hookspecs

ROOT = Path(__file__).parents[1]
HOUSES = ("core", "hub", "chat", "widget", "connectors")

# house → the houses it may import from; imports point inwards
MAY_IMPORT = {
    "core": {"core"},
    "chat": {"core", "chat"},
    "widget": {"core", "widget"},
    "connectors": {"core", "connectors"},
    "hub": {"core", "hub"},
}
TESTS_OF_PLUGINS = "connectors/testing/"  # starts whole hubs; a plugin's code never imports it
# library → where it may appear
ONLY_IN = {
    "starlette": ("hub/app.py",),
    "sqlmodel": ("core/",),
    "apscheduler": ("hub/schedule.py",),
    "uvicorn": ("hub/commands/", "connectors/testing/"),
    "alembic": ("core/migrations/",),
    "pluggy": ("core/hookspecs.py", "hub/plugins.py"),
}
CONNECTOR_FILES = ("plugin.py", "settings.py", "routes.py", "mapping.py", "README.md")


def modules() -> list[Path]:
    return [
        path
        for house in HOUSES
        for path in sorted((ROOT / house).rglob("*.py"))
        if not {"node_modules", "template"} & set(path.parts)
    ]


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(imported(path))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def where(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules(), ids=where)
def test_imports_point_inwards(path: Path) -> None:
    house = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports(path)} & set(HOUSES)
    if where(path).startswith(TESTS_OF_PLUGINS):
        ours.discard("hub")
    assert ours <= MAY_IMPORT[house], f"{where(path)} reaches into {ours - MAY_IMPORT[house]}"


def test_E3_connectors_never_reach_into_each_other() -> None:
    for path in modules():
        parts = path.relative_to(ROOT).parts
        if parts[0] != "connectors" or len(parts) < 3:
            continue
        others = {
            name.split(".")[1]
            for name in imports(path)
            if name.startswith("connectors.") and name.count(".") >= 1
        } - {parts[1], "http", "testing"}
        assert not others, f"{where(path)} reaches into {others}"


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_room(library: str) -> None:
    outside = [
        where(path)
        for path in modules()
        if any(name.split(".")[0] == library for name in imports(path))
        and not where(path).startswith(ONLY_IN[library])
    ]
    assert outside == []


def test_no_vendor_is_named_outside_its_folder() -> None:
    for vendor in ("shopify", "woocommerce"):
        naming = [
            where(path)
            for path in modules()
            if vendor in path.read_text().lower()
            and not where(path).startswith(f"connectors/{vendor}/")
        ]
        assert naming == [], f"{vendor} is named in {naming}"


@pytest.mark.parametrize("path", modules(), ids=where)
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    text = path.read_text()
    if not text.strip():
        return
    opening = ast.get_docstring(ast.parse(text)) or ""
    assert re.match(r"[A-Z`].+[.:]$", opening.partition("\n")[0].strip() or opening, re.S), where(
        path
    )


def test_a_connector_is_a_folder_of_the_same_files() -> None:
    for folder in (ROOT / "connectors").iterdir():
        if folder.is_dir() and folder.name not in ("testing", "__pycache__"):
            missing = [name for name in CONNECTOR_FILES if not (folder / name).exists()]
            assert not missing, f"{folder.name} lacks {missing}"


def hooks() -> list[str]:
    return [name for name, spec in vars(hookspecs).items() if hasattr(spec, "parley_spec")]


@pytest.mark.parametrize("hook", hooks())
def test_E2_every_hook_says_when_it_is_called_and_shows_an_example(hook: str) -> None:
    manual = inspect.getdoc(getattr(hookspecs, hook)) or ""
    assert "Called" in manual
    example = inspect.cleandoc(manual.partition("Example::")[2])
    tree = ast.parse(example)
    (function,) = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert function.name == hook
    known = set(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert {argument.arg for argument in function.args.args} <= known
    acts = inspect.get_annotations(getattr(hookspecs, hook))["return"].startswith("Awaitable")
    assert isinstance(function, ast.AsyncFunctionDef) == acts


def test_E2_no_hook_is_firstresult() -> None:
    for hook in hooks():
        assert not getattr(hookspecs, hook).parley_spec["firstresult"]
