"""Bulk: a catalog of any size by one export, read line by line, never held whole.

The shop writes one object a line; a variant comes somewhere after its product. A window of open
products gathers them; what comes after its product has left the window is read again later.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from connectors.shopify import catalog
from connectors.shopify.client import operation, problems
from connectors.shopify.mapping import Node, gid, number, of
from connectors.shopify.marking import mark
from core.connector import Connection
from core.errors import Refused, Unavailable

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

WINDOW = 1_000  # products that wait for their variants
BATCH = 200  # products saved at once
POLL = 5.0  # seconds; a webhook wakes us earlier
RUNNING = ("CREATED", "RUNNING", "CANCELING")
FULL = ("OPERATION_IN_PROGRESS", "LIMIT_REACHED")

_waiting: dict[str, asyncio.Event] = {}  # exports somebody in this process waits for


class Export(NamedTuple):
    """How an export is."""

    id: str
    status: str
    error: str
    objects: int  # products it holds
    url: str  # of the whole, or of the part there is

    @property
    def is_whole(self) -> bool:
        """Whether it holds everything."""
        return self.status == "COMPLETED"


class Saved(NamedTuple):
    """How far the reading of an export is."""

    products: int  # read and saved, of this reading
    changed: int


async def begin(shopify: Shopify, connection: Connection) -> str:
    """Ask for an export of all products; its number. Unavailable while too many are at work."""
    asked = {"query": operation("bulk_products").text}
    data = await shopify.api.run(connection, "bulk_run", asked, "background")
    payload = of(data.get("bulkOperationRunQuery"))
    found = number(of(payload.get("bulkOperation")).get("id"))
    if wrong := problems(payload):
        said = str(wrong[0].get("message"))[:300]
        if wrong[0].get("code") in FULL:
            raise Unavailable(f"The shop is busy with other exports: {said}", retry_after=20)
        raise Refused(f"The shop makes no export of its products: {said}", code="no_export")
    if not found:
        raise Unavailable("The shop did not say which export it makes.", code="bad_answer")
    return found


async def look(shopify: Shopify, connection: Connection, export_id: str) -> Export:
    """How an export is; one the shop has forgotten is EXPIRED."""
    asked = {"id": gid("BulkOperation", export_id)}
    data = await shopify.api.run(connection, "bulk", asked, "background")
    found = of(data.get("bulkOperation"))
    return Export(
        id=export_id,
        status=str(found.get("status") or "EXPIRED"),
        error=str(found.get("errorCode") or ""),
        objects=int(found.get("rootObjectCount") or 0),
        url=str(found.get("url") or found.get("partialDataUrl") or ""),
    )


async def until_over(
    shopify: Shopify, connection: Connection, export_id: str
) -> AsyncIterator[Export]:
    """How an export is, now and then, for as long as it is at work."""
    event = _waiting.setdefault(export_id, asyncio.Event())
    try:
        while (found := await look(shopify, connection, export_id)).status in RUNNING:
            yield found
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await event.wait()
            event.clear()
    finally:
        _waiting.pop(export_id, None)


def wake(export_id: str) -> None:
    """An export is over, says the shop."""
    if event := _waiting.get(export_id):
        event.set()


async def take(
    shopify: Shopify, connection: Connection, export: Export, skip: int = 0
) -> AsyncIterator[Saved]:
    """Save an export's products, a batch at a time, but for the first `skip`: they are saved.

    Unavailable if the file is shorter than the shop says; Refused `no_file` if it is gone.
    """
    window = Window(connection, WINDOW, skip)
    changed = 0
    async for line in shopify.api.lines(connection, export.url):
        window.add(line)
        if window.ready >= BATCH:
            changed += len(await _put(shopify, connection, window))
            yield Saved(max(0, window.closed - skip), changed)
    window.close()
    if export.is_whole and window.closed < export.objects:
        raise Unavailable("The file with the products broke off.", code="broken_off")
    changed += len(await _put(shopify, connection, window))
    yield Saved(max(0, window.closed - skip), changed)


async def _put(shopify: Shopify, connection: Connection, window: Window) -> list[str]:
    shelf, late = window.take()
    changed = await catalog.put(shopify, connection, shelf)
    if late:
        await shopify.services.db.write(mark, connection, catalog.PRODUCT, sorted(late))
    return changed


class Window:
    """The last products of a file, open for their variants; older ones are closed in order."""

    def __init__(self, connection: Connection, size: int, skip: int = 0) -> None:
        self._connection = connection
        self._size = size
        self._skip = skip  # products from the beginning that are saved already
        self._open: OrderedDict[str, tuple[Node, list[Node]]] = OrderedDict()
        self._shelf = catalog.Shelf([], {}, [])
        self._late: set[str] = set()  # products with variants that came too late
        self.closed = 0  # products, from the beginning of the file

    @property
    def ready(self) -> int:
        """How much there is to save."""
        return len(self._shelf.drafts) + len(self._shelf.gone) + len(self._late)

    def add(self, line: Node) -> None:
        """Take in a line of the file."""
        name = str(line.get("id") or "")
        parent = line.get("__parentId")
        if parent is None:
            self._open[name] = (line, [])
            if len(self._open) > self._size:
                self._close_oldest()
        elif opened := self._open.get(str(parent)):
            opened[1].append(line)
        else:
            self._late.add(number(parent))

    def close(self) -> None:
        """The file is over: nothing more comes for any product."""
        while self._open:
            self._close_oldest()

    def take(self) -> tuple[catalog.Shelf, set[str]]:
        """What is to be saved, and what is to be read again; both are empty afterwards."""
        shelf, self._shelf = self._shelf, catalog.Shelf([], {}, [])
        late, self._late = self._late, set()
        return shelf, late - {""}

    def _close_oldest(self) -> None:
        _, (node, variants) = self._open.popitem(last=False)
        self.closed += 1
        if self.closed > self._skip:
            catalog.sort(node, self._shelf, self._connection, variants)
