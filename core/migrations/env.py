"""Alembic's entry: runs the versions on the connection `core.migrations` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
    on_version_apply=attributes.get("applied"),
)
# The transaction is `core.migrations`': all versions or none, and one process at a time.
context.run_migrations()
