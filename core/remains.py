"""Remains: where words are in the database, to prove that nothing is left of somebody erased."""

from __future__ import annotations

import json
import mmap
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Table,
    Text,
    cast,
    false,
    func,
    or_,
    select,
    true,
)

from core.db import Work

TEAM = frozenset({"accounts"})  # people who work here, in no workspace alone; not customers
NUMBERS = (Integer, Boolean)  # columns that hold no word
LONGEST_WAIT = 10.0  # seconds for a hub at work to let us at the file


def find_remains(work: Work, workspace_id: str, words: Sequence[str]) -> list[str]:
    """Where any of the words is left in a workspace: `inbox.body: 2`, a line a column.

    Every table's texts, JSON and bytes are read whole, whatever the letters' case.
    """
    from core.migrations.models import metadata  # which imports every module that has a table

    wanted = [word for word in words if word.strip()]
    found = []
    for table in metadata().sorted_tables:
        within = _within(table, workspace_id)
        for column in table.columns:
            if within is None or isinstance(column.type, NUMBERS):
                continue
            count = select(func.count()).where(within, mentions(work, column, wanted))
            if rows := work.execute(count.select_from(table)).scalar_one():
                found.append(f"{table.name}.{column.name}: {rows}")
    return found


def _within(table: Table, workspace_id: str) -> ColumnElement[bool] | None:
    """The rows of a table that a workspace's people may be in; None if there are none."""
    if table.name in TEAM:
        return None
    if table.name == "workspaces":
        return table.c.id == workspace_id
    column = table.c.get("workspace_id")
    if column is None:
        return true()
    return (
        or_(column == workspace_id, column.is_(None)) if column.nullable else column == workspace_id
    )


def mentions(work: Work, column: Column[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column has one of the words in it, as a part of whatever else it says."""
    escaped = _is_escaped(work, column)
    spelt = {one for word in words for one in spellings(word, escaped=escaped)}
    lower = func.lower(_text_of(work, column))
    return or_(false(), *(_place(work)(lower, one) > 0 for one in sorted(spelt)))


def has(work: Work, column: Column[Any], part: str) -> ColumnElement[bool]:
    """Whether a column has exactly this in it."""
    written = _escaped(part) if _is_escaped(work, column) else part
    found: ColumnElement[bool] = _place(work)(_text_of(work, column), written) > 0
    return found


def _is_escaped(work: Work, column: Column[Any]) -> bool:
    return work.connection.dialect.name == "postgresql" and isinstance(column.type, LargeBinary)


def _text_of(work: Work, column: Column[Any]) -> ColumnElement[str]:
    if _is_escaped(work, column):
        return func.encode(column, "escape")
    return cast(column, Text)


def _place(work: Work) -> Any:
    return func.strpos if work.connection.dialect.name == "postgresql" else func.instr


def spellings(word: str, *, escaped: bool = False) -> set[str]:
    """A word as JSON and plain text write it, in the cases that SQLite's `lower` leaves alone."""
    cased = {word, word.lower(), word.upper(), word.title(), word.casefold()}
    written = cased | {json.dumps(one)[1:-1] for one in cased}
    if escaped:
        written = {_escaped(one) for one in written}
    return {"".join(c.lower() if c.isascii() else c for c in one) for one in written} | {
        one.lower() for one in written
    }


def _escaped(word: str) -> str:
    """A word as PostgreSQL's `encode(…, 'escape')` writes its bytes."""
    return "".join(
        "\\\\" if byte == 92 else chr(byte) if byte < 128 else f"\\{byte:03o}"
        for byte in word.encode()
    )


# SQLite's file -----------------------------------------------------------------------------


def scrub(url: str, *, whole: bool = False) -> bool:
    """Empty SQLite's write-ahead log, where pages stay as they were; whether it was possible.

    Deleted rows are overwritten (`secure_delete`), but where the tree of a table was rebuilt, a
    copy of a row can be left in the free part of a page. `whole` writes the file anew without
    those, which takes as much disk again and keeps writers waiting.
    """
    if not url.startswith("sqlite"):
        return True
    try:
        with closing(sqlite3.connect(_path(url), timeout=LONGEST_WAIT)) as connection:
            if whole:
                connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # locked all the time
        return False
    return not busy


def is_in_file(url: str, words: Sequence[str]) -> bool:
    """Whether SQLite's file or its write-ahead log still has one of the words in a page."""
    path = _path(url)
    wanted = {one.encode() for word in words for one in spellings(word)}
    wanted |= {word.encode() for word in words}
    return any(_has(file, wanted - {b""}) for file in (path, path.with_name(f"{path.name}-wal")))


def _has(path: Path, words: Iterable[bytes]) -> bool:
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return any(held.find(word) >= 0 for word in words)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
