"""Bulk: many rows found by their keys and many rows written, for the hot paths.

The statements are Core statements like any other, compiled once for each database. Their values
then go to the driver as they are, without SQLAlchemy's work on each of them, which costs more
than the database's own. So columns whose type converts values, such as JSON, are not for here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Select, and_, column, select, values
from sqlalchemy.sql.dml import UpdateBase

MOST = 16_384  # values in one SELECT; both databases take some 32,000
# Rows one statement writes on SQLite. Its driver lets go of the interpreter's lock at every
# statement and then waits for it; with a row each, the writer waits more than it writes.
TOGETHER = (128, 32, 8, 1)

_INSERT = re.compile(r"(INSERT INTO .+ VALUES )(\([?, ]+\))(.*)", re.DOTALL)
_UPDATE = re.compile(r"(UPDATE \w+ SET .+)( WHERE .+)", re.DOTALL)


class _Written:
    """A statement compiled for one database, for one row and for several at once."""

    def __init__(self, statement: UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert compiled.positiontup is not None  # both drivers take parameters by position
        names = [name.removeprefix("p_") for name in compiled.positiontup]
        self.sql = compiled.string
        self.values = _taking(names)
        self._names = len(names)
        self._texts: dict[int, str] = {1: self.sql}

    def together(self, rows: int) -> str | None:
        """The SQLite statement that writes this many rows; None if there is no such form."""
        if rows not in self._texts:
            if insert := _INSERT.fullmatch(self.sql):
                head, row, tail = insert.groups()
                self._texts[rows] = head + ", ".join([row] * rows) + tail
            elif update := _UPDATE.fullmatch(self.sql):
                self._texts[rows] = self._update(update, rows)
            else:
                return None
        return self._texts[rows]

    def _update(self, update: re.Match[str], rows: int) -> str:
        columns = [f"c{place}" for place in range(self._names)]
        named = (f"given.{column}" for column in columns)
        row = f"({', '.join('?' * self._names)})"
        setting, matching = (re.sub(r"\?", lambda _: next(named), part) for part in update.groups())
        return (
            f"WITH given({', '.join(columns)}) AS (VALUES {', '.join([row] * rows)}) "
            f"{setting} FROM given{matching}"
        )


Values = Callable[[Mapping[str, Any]], tuple[Any, ...]]
_written: dict[tuple[str, UpdateBase], _Written] = {}


def execute_many(
    connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run an insert, update or delete for each row; a row names every parameter.

    In an update Core keeps the names of columns for itself, so a parameter called `p_title` takes
    the row's `title`. No two rows of an update may be of the same key.
    """
    if not rows:
        return
    dialect = connection.dialect
    written = _written.get((dialect.name, statement))
    if written is None:
        written = _written[dialect.name, statement] = _Written(statement, dialect)
    given = [written.values(row) for row in rows]
    if dialect.name != "sqlite" or written.together(TOGETHER[0]) is None:
        connection.exec_driver_sql(written.sql, given)
        return
    start = 0
    while start < len(given):
        size = next(size for size in TOGETHER if size <= len(given) - start)
        values = tuple(chain.from_iterable(given[start : start + size]))
        connection.exec_driver_sql(written.together(size) or written.sql, values)
        start += size


def _taking(names: list[str]) -> Values:
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


class ByKeys:
    """A SELECT of `columns` by many keys, each a tuple of the values of `key` columns.

    It is compiled for 1, 2, 4 … keys, the rest filled with NULL, which equals nothing. The keys
    are joined as a table: for `(a, b) IN (VALUES …)` SQLite reads the whole table instead of
    its index.
    """

    def __init__(self, columns: Iterable[Column[Any]], key: Sequence[Column[Any]]) -> None:
        self._columns = tuple(columns)
        self._names = tuple(str(column.key) for column in self._columns)
        self._key = tuple(key)
        self._compiled: dict[tuple[str, int, bool], str] = {}

    def rows(
        self, connection: Connection, keys: Iterable[tuple[Any, ...]], *, lock: bool = False
    ) -> list[dict[str, Any]]:
        """The rows in the order of their keys; with `lock` nobody else changes them meanwhile."""
        wanted = sorted(set(keys))
        most = MOST // len(self._key)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(wanted), most):
            some = wanted[start : start + most]
            size = 1 << (len(some) - 1).bit_length()
            nothing = (None,) * (len(self._key) * (size - len(some)))
            filled = (*chain.from_iterable(some), *nothing)
            found = connection.exec_driver_sql(self._sql(connection, size, lock), filled)
            rows += [dict(zip(self._names, row, strict=True)) for row in found.all()]
        return rows

    def _sql(self, connection: Connection, size: int, lock: bool) -> str:
        dialect = connection.dialect
        sql = self._compiled.get((dialect.name, size, lock))
        if sql is None:
            compiled = self._query(size, lock).compile(dialect=dialect)
            sql = self._compiled[dialect.name, size, lock] = compiled.string
        return sql

    def _query(self, size: int, lock: bool) -> Select[Any]:
        names = [column(f"wanted_{one.key}", one.type) for one in self._key]
        wanted = values(*names, name="wanted").data([("",) * len(names)] * size).cte("wanted")
        same = [one == wanted.c[name.key] for one, name in zip(self._key, names, strict=True)]
        # One order for everyone who locks: no two wait for each other.
        query = select(*self._columns).join(wanted, and_(*same)).order_by(*self._key)
        # Rows that refer to these may be added meanwhile (KEY SHARE): two units that have each done
        # so in one workspace would wait for each other for ever.
        return query.with_for_update(of=self._key[0].table, key_share=True) if lock else query
