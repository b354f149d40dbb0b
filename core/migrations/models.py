"""Everything a migrated database has: the tables of every module, and the search's own parts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, MetaData
from sqlmodel import SQLModel

from core.full_text import INDEXES, fts_ddl

CORE = Path(__file__).parents[1]
# What `fts_ddl` makes and SQLModel does not know of; a comparison leaves it alone.
BEYOND_MODELS = tuple(name for index in INDEXES for name in index.tables())
COLUMNS_BEYOND = tuple(f"{index.table}.search" for index in INDEXES)


def metadata() -> MetaData:
    """The tables of every module of core that has one."""
    for path in sorted(CORE.glob("*.py")):
        if "table=True" in path.read_text(encoding="utf-8"):
            import_module(f"core.{path.stem}")
    return SQLModel.metadata


def create(connection: Connection) -> None:
    """Make the schema from the models alone, as the migrations must have left it."""
    metadata().create_all(connection)
    for statement in fts_ddl(connection.dialect.name):
        connection.exec_driver_sql(statement)


def is_of_models(name: str | None, table: str = "") -> bool:
    """Whether a table, column or index found in a database should be in the models."""
    full = f"{table}.{name}" if table else str(name)
    return not str(name).startswith(BEYOND_MODELS) and full not in COLUMNS_BEYOND
