"""Bulk operations: a query run in the background, its result a file of JSON lines."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec
from graphql import GraphQLError

from connectors.shopify.standin.apps import App
from connectors.shopify.standin.values import Node, gid, iso

FIRST_OPERATION = 960_000_000_000_000_001
AT_ONCE = 5
LATE_BY = 50  # parents between a parent and its children, when children come late
RUNNING = ("CREATED", "RUNNING")


class Query(Protocol):
    """What is to be run: for each object at the top, its line and those of its children."""

    text: str

    def roots(self) -> Iterator[Iterator[Node]]: ...


class Bulk:
    """The bulk operations of one shop. Change the attributes to make them misbehave."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.operations: dict[int, Node] = {}
        self.origin = ""  # where results are fetched from; the server sets it
        self.takes = 0.0  # seconds an operation stays CREATED before it runs
        self.late_children = False
        self.fails_with: str | None = None  # an errorCode; half of the result is partial data
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = threading.Event()

    def run(self, plan: Query, app: App) -> Node:
        """`bulkOperationRunQuery`: the operation, CREATED, or why not."""
        running = [one for one in self.operations.values() if one["status"] in RUNNING]
        if len(running) >= AT_ONCE:
            return _refused(
                "A bulk query operation for this app and shop is already in progress",
                "OPERATION_IN_PROGRESS",
            )
        number = FIRST_OPERATION + len(self.operations)
        operation: Node = {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", number),
            "status": "CREATED",
            "errorCode": None,
            "createdAt": iso(self.shop.clock.now()),
            "completedAt": None,
            "objectCount": "0",
            "rootObjectCount": "0",
            "fileSize": None,
            "url": None,
            "partialDataUrl": None,
            "type": "QUERY",
            "query": plan.text,
            "_number": number,
        }
        self.operations[number] = operation
        task = asyncio.get_running_loop().create_task(self._run(operation, plan, app))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return {"bulkOperation": dict(operation), "userErrors": []}

    def cancel(self, operation: Node) -> None:
        operation["status"] = "CANCELING" if operation["status"] == "RUNNING" else "CANCELED"

    def file(self, number: int) -> Path:
        """Where the lines of an operation are."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="standin-bulk-")
        return Path(self._folder.name) / f"{number}.jsonl"

    async def stop(self) -> None:
        self._stop.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._folder:
            self._folder.cleanup()

    async def settled(self) -> None:
        """Return when no operation is running."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _run(self, operation: Node, plan: Query, app: App) -> None:
        await asyncio.sleep(self.takes)
        if operation["status"] == "CREATED":
            operation["status"] = "RUNNING"
            try:
                await asyncio.to_thread(self._write, operation, plan)
            except GraphQLError as error:
                code = (error.extensions or {}).get("code")
                denied = code == "ACCESS_DENIED"
                operation["errorCode"] = "ACCESS_DENIED" if denied else "INTERNAL_SERVER_ERROR"
        self._finish(operation)
        body = {
            "admin_graphql_api_id": operation["id"],
            "completed_at": operation["completedAt"],
            "created_at": operation["createdAt"],
            "error_code": operation["errorCode"] and operation["errorCode"].lower(),
            "status": operation["status"].lower(),
            "type": "query",
        }
        self.shop.webhooks.announce("bulk_operations/finish", body, app=app)

    def _write(self, operation: Node, plan: Query) -> None:
        objects = roots = 0
        with self.file(operation["_number"]).open("wb") as file:
            late: list[list[Node]] = []
            for root in plan.roots():
                if self._stop.is_set() or operation["status"] == "CANCELING":
                    break
                lines = list(root)
                roots, objects = roots + 1, objects + len(lines)
                late.append(lines[1:] if self.late_children else [])
                _put(file, lines[:1] if self.late_children else lines)
                if len(late) > LATE_BY:
                    _put(file, late.pop(0))
                operation["objectCount"] = str(objects)
                operation["rootObjectCount"] = str(roots)
            for lines in late:
                _put(file, lines)

    def _finish(self, operation: Node) -> None:
        file = self.file(operation["_number"])
        url = f"{self.origin}/bulk/{operation['_number']}.jsonl"
        operation["errorCode"] = operation["errorCode"] or self.fails_with
        if operation["status"] in ("CANCELING", "CANCELED"):
            operation["status"] = "CANCELED"
        elif operation["errorCode"]:
            operation["status"] = "FAILED"
            operation["partialDataUrl"] = _halved(file) and url
        else:
            operation["status"] = "COMPLETED"
            operation["completedAt"] = iso(self.shop.clock.now())
            size = file.stat().st_size
            operation["fileSize"] = str(size)
            operation["url"] = url if size else None


def _refused(message: str, code: str) -> Node:
    errors = [{"field": ["query"], "message": message, "code": code}]
    return {"bulkOperation": None, "userErrors": errors}


def _put(file: IO[bytes], lines: list[Node]) -> None:
    for line in lines:
        file.write(msgspec.json.encode(line) + b"\n")


def _halved(file: Path) -> bool:
    """Keep whole lines up to the middle of the file; whether any are left."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    file.write_text("".join(lines[: len(lines) // 2]))
    return len(lines) > 1
