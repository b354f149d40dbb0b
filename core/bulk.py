"""Bulk: many rows found by their keys and many rows written, for the hot paths.

The statements are Core statements like any other, compiled once for each database. Their values
then go to the driver as they are, without SQLAlchemy's work on each of them, which costs more
than the database's own. So columns whose type converts values, such as JSON, are not for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, tuple_
from sqlalchemy.sql.dml import UpdateBase

MOST = 16_384  # values in one SELECT; both databases take some 32,000

Values = Callable[[Mapping[str, Any]], Any]
_written: dict[tuple[str, UpdateBase], tuple[str, Values]] = {}


def execute_many(
    connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run an insert, update or delete for each row; a row names every parameter.

    In an update Core keeps the names of columns for itself, so a parameter called `p_title` takes
    the row's `title`.
    """
    if not rows:
        return
    dialect = connection.dialect
    known = _written.get((dialect.name, statement))
    if known is None:
        compiled = statement.compile(dialect=dialect)
        assert compiled.positiontup is not None  # both drivers take parameters by position
        names = [name.removeprefix("p_") for name in compiled.positiontup]
        known = _written[dialect.name, statement] = compiled.string, _taking(names)
    sql, values = known
    connection.exec_driver_sql(sql, [values(row) for row in rows])


def _taking(names: list[str]) -> Values:
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


class ByKeys:
    """A SELECT of `columns` by many keys, each a tuple of the values of `key` columns.

    It is compiled for 1, 2, 4 … keys and the last key repeated to fill up, which costs a tenth of
    an `IN` that is expanded anew for each call.
    """

    def __init__(
        self, columns: Iterable[ColumnElement[Any]], key: Sequence[ColumnElement[Any]]
    ) -> None:
        self._query = select(*columns).order_by(*key)  # one order for all: no deadlock
        self._key = key
        self._names = tuple(self._query.selected_columns.keys())
        self._compiled: dict[tuple[str, int, bool], str] = {}

    def rows(
        self, connection: Connection, keys: Iterable[tuple[Any, ...]], *, lock: bool = False
    ) -> list[dict[str, Any]]:
        """The rows in the order of their keys; with `lock` nobody else changes them meanwhile."""
        wanted = sorted(keys)
        most = MOST // len(self._key)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(wanted), most):
            some = wanted[start : start + most]
            size = 1 << (len(some) - 1).bit_length()
            values = chain(chain.from_iterable(some), some[-1] * (size - len(some)))
            found = connection.exec_driver_sql(self._sql(connection, size, lock), tuple(values))
            rows += [dict(zip(self._names, row, strict=True)) for row in found.all()]
        return rows

    def _sql(self, connection: Connection, size: int, lock: bool) -> str:
        dialect = connection.dialect
        sql = self._compiled.get((dialect.name, size, lock))
        if sql is None:
            query = self._query.where(self._among(size))
            query = query.with_for_update() if lock else query
            compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            sql = self._compiled[dialect.name, size, lock] = compiled.string
        return sql

    def _among(self, size: int) -> ColumnElement[bool]:
        if len(self._key) == 1:
            return self._key[0].in_([""] * size)
        return tuple_(*self._key).in_([("",) * len(self._key)] * size)
