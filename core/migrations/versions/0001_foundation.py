"""Every table of the first release."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from alembic import op
from sqlalchemy.exc import NoReferencedTableError
from sqlmodel import SQLModel

revision = "0001_foundation"
down_revision = None


def upgrade() -> None:
    # FOR NOW, until the models hold still: whatever can be imported. It becomes a list of
    # explicit `op.create_table`s.
    for path in sorted(Path(__file__).parents[2].glob("*.py")):
        if "table=True" in path.read_text(encoding="utf-8"):
            try:
                import_module(f"core.{path.stem}")
            except (ImportError, SyntaxError, NameError) as error:
                print(f"migration: left out core/{path.name}: {error}", file=sys.stderr)  # noqa: T201
    tables = []
    for table in SQLModel.metadata.tables.values():
        try:
            for constraint in table.foreign_key_constraints:
                _ = constraint.referred_table
            tables.append(table)
        except NoReferencedTableError as error:
            print(f"migration: left out table {table.name}: {error}", file=sys.stderr)  # noqa: T201
    SQLModel.metadata.create_all(op.get_bind(), tables=tables)
    from core.products import fts_ddl

    for statement in fts_ddl(op.get_bind().dialect.name):
        op.execute(statement)
