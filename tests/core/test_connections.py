"""S9: what is known of a shop is changed by many at once, and nothing of it is lost."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy.util import await_only

from core.audit import operator
from core.connections import connect, connection_row, note_details, open_connection
from core.connector import Connection, ConnectionDraft
from core.crypto import Vault
from core.db import Work
from core.workspaces import create_workspace
from tests.conftest import PostgresServer
from tests.databases import started

pytestmark = pytest.mark.anyio


class Keys(BaseModel):
    token: SecretStr


async def test_S9_details_noted_at_the_same_moment_are_all_kept(postgres: PostgresServer) -> None:
    vault = Vault("a secret that nobody has guessed yet")

    def open_shop(work: Work) -> Connection:
        shop = create_workspace(work, "Tea shop").id
        draft = ConnectionDraft("kettle", "Kettle", "kettle", Keys(token=SecretStr("t")))
        row = connect(work, vault, operator(shop), "teapots", draft)
        return open_connection(row, vault, Keys)

    with postgres.database() as url:
        async with started(url) as db:
            kettle = await db.write(open_shop)
            other = db.write(note_details, kettle, {"domain": "kettle.example"})

            def look_then_note(work: Work) -> None:
                row = connection_row(work, kettle.workspace_id, kettle.id)
                await_only(other)  # somebody else is faster
                note_details(work, kettle, row.details | {"seen": "today"})

            await db.write(look_then_note)
            found = await db.read(connection_row, kettle.workspace_id, kettle.id)
    assert found.details == {"domain": "kettle.example", "seen": "today"}
