"""Bulk: one executemany for the hot paths, without SQLAlchemy's work on each row.

The statement is a Core statement like any other, compiled once for each database; its rows then
go to the driver as they are (twice as many a second as `connection.execute`). So columns whose
type converts values, such as JSON, are not for here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy.sql.dml import UpdateBase

from core.db import Work

_compiled: dict[tuple[str, UpdateBase], tuple[str, Callable[[Mapping[str, Any]], Any]]] = {}


def execute_many(work: Work, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an insert, update or delete for each row; a row names every parameter.

    In an update Core keeps the names of columns for itself, so a parameter called `p_title` takes
    the row's `title`.
    """
    if not rows:
        return
    dialect = work.connection.dialect
    known = _compiled.get((dialect.name, statement))
    if known is None:
        compiled = statement.compile(dialect=dialect)
        assert compiled.positiontup is not None  # both drivers take parameters by position
        known = (
            compiled.string,
            itemgetter(*(name.removeprefix("p_") for name in compiled.positiontup)),
        )
        _compiled[dialect.name, statement] = known
    sql, values = known
    work.connection.exec_driver_sql(sql, [values(row) for row in rows])
