"""Shown: what was made of a workspace's public articles, kept until something in it changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from core.events import AppearanceChanged, ArticlesChanged, Event, ProductsChanged
from core.files import File

BYTES = 32 << 20  # of all pages a process keeps
CHANGES: tuple[type[Event], ...] = (ArticlesChanged, AppearanceChanged, ProductsChanged)


class Shown:
    """The last pages and answers of every workspace. Whoever hears of a change forgets them."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[str, ...], File] = OrderedDict()
        self._bytes = 0
        self._changes = 0

    async def get(self, workspace_id: str, *name: str, make: Callable[[], Awaitable[File]]) -> File:
        """The file of this name; made, and kept for the next who asks."""
        key = (workspace_id, *name)
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        changes = self._changes
        made = await make()
        if changes == self._changes:  # else it may show what was before
            self._put(key, made)
        return made

    def forget(self, workspace_id: str) -> None:
        """Drop what a workspace shows: it has changed."""
        self._changes += 1
        for key in [key for key in self._files if key[0] == workspace_id]:
            self._drop(key)

    def _put(self, key: tuple[str, ...], made: File) -> None:
        self._drop(key)
        self._files[key] = made
        self._bytes += _size(made)
        while self._bytes > BYTES:
            self._drop(next(iter(self._files)))

    def _drop(self, key: tuple[str, ...]) -> None:
        known = self._files.pop(key, None)
        self._bytes -= _size(known) if known else 0


def _size(file: File) -> int:
    return len(file.content) + len(file.zipped)
