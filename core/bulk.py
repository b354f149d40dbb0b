"""Bulk: many rows by key and many rows written, for the hot paths.

The statements are Core statements like any other, compiled once for each database. Their values
then go to the driver as they are, without SQLAlchemy's work on each of them, which costs more
than the database's own. So columns whose type converts values, such as JSON, are not for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam
from sqlalchemy.sql.dml import UpdateBase

from core.db import Work

MOST = 4096  # keys in one SELECT; both databases take some 32,000 values in one statement

Values = Callable[[Mapping[str, Any]], Any]
_written: dict[tuple[str, UpdateBase], tuple[str, Values]] = {}


def execute_many(work: Work, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an insert, update or delete for each row; a row names every parameter.

    In an update Core keeps the names of columns for itself, so a parameter called `p_title` takes
    the row's `title`.
    """
    if not rows:
        return
    dialect = work.connection.dialect
    known = _written.get((dialect.name, statement))
    if known is None:
        compiled = statement.compile(dialect=dialect)
        assert compiled.positiontup is not None  # both drivers take parameters by position
        names = (name.removeprefix("p_") for name in compiled.positiontup)
        known = _written[dialect.name, statement] = compiled.string, itemgetter(*names)
    sql, values = known
    work.connection.exec_driver_sql(sql, [values(row) for row in rows])


class Lookup:
    """A SELECT of the rows whose `column` is one of many keys, beside what `query` demands.

    It is compiled for 1, 2, 4 … keys; the last key is repeated to fill up. That costs a tenth of
    an `IN` that SQLAlchemy expands anew for each call.
    """

    def __init__(self, query: Select[Any], column: ColumnElement[str]) -> None:
        self._query = query
        self._column = column
        self._compiled: dict[tuple[str, int], tuple[str, Sequence[str]]] = {}

    def rows(self, work: Work, known: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Row[Any]]:
        """The rows in the query's order, `MOST` keys at a time; `known` are its parameters."""
        for start in range(0, len(keys), MOST):
            some = keys[start : start + MOST]
            size = 1 << (len(some) - 1).bit_length()
            sql, names = self._for(work, size)
            filled = [*some, *[some[-1]] * (size - len(some))]
            values = {**known, **{f"key_{place}": key for place, key in enumerate(filled)}}
            found = work.connection.exec_driver_sql(sql, tuple([values[name] for name in names]))
            yield from found.all()

    def _for(self, work: Work, size: int) -> tuple[str, Sequence[str]]:
        dialect = work.connection.dialect
        found = self._compiled.get((dialect.name, size))
        if found is None:
            keys = [bindparam(f"key_{place}") for place in range(size)]
            compiled = self._query.where(self._column.in_(keys)).compile(dialect=dialect)
            assert compiled.positiontup is not None
            found = self._compiled[dialect.name, size] = compiled.string, compiled.positiontup
        return found
