"""The hub without its store: messages are numbered in memory, heard and acknowledged, not saved.

Everything else is the product: frames, access, sessions, rooms, sockets. The difference to the
hub is what keeping a message costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.db import Database, Listener, open_database
from core.events import Logged, MessageAdded
from core.ids import moment, now_ms
from core.log import _encoder as encoder
from core.log import head
from core.messages import Draft, Said, say, to_author
from core.views import Message
from hub.app import App, Hub
from hub.commands.serve import open_door, run


class Memory:
    """A database that keeps what is said only in the counters of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []
        self._heads: dict[str, tuple[str, int]] = {}
        self._conversations: dict[tuple[str, str], tuple[str, int]] = {}  # visitor, last seq

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)
        self._database.listen(listener)

    async def batch(self, fn: Callable[..., Any], item: Any) -> Any:
        if fn is not say:
            return await self._database.batch(fn, item)
        draft: Draft = item
        workspace_id = draft.author.workspace_id
        if workspace_id not in self._heads:
            self._heads[workspace_id] = await self._database.read(head, workspace_id)
        return self._say(workspace_id, draft)

    def _say(self, workspace_id: str, draft: Draft) -> Said:
        key = (workspace_id, draft.conversation_id)
        visitor, seq = self._conversations.get(key, (draft.author.id, 0))
        self._conversations[key] = (visitor, seq + 1)
        said = Said(draft.conversation_id, draft.id, seq + 1, now_ms())
        message = Message(
            id=draft.id,
            seq=said.seq,
            author=to_author(draft.author),
            kind=draft.kind,
            text=draft.text,
            at=moment(said.at),
        )
        event = MessageAdded(visitor=visitor, conversation=said.conversation_id, message=message)
        epoch, place = self._heads[workspace_id]
        self._heads[workspace_id] = (epoch, place + 1)
        logged = [Logged(workspace_id, epoch, place + 1, event, encoder.encode(event))]
        for listener in self._listeners:
            listener(logged)
        return said


def main() -> None:
    settings, listener = open_door()
    hub = Hub(settings, database=Memory(open_database(settings.database_url)))
    run(App(hub), listener, lambda: None)


if __name__ == "__main__":
    main()
