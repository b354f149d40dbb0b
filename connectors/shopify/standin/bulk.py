"""Bulk operations: a query run in the background, its result a file of JSON lines.

The query is compiled once into plain functions: a hundred thousand products take seconds, not
minutes, and go to disk line by line.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_composite_type,
    parse,
    validate,
)

from connectors.shopify.standin.values import Node, gid, iso

FIRST_OPERATION = 960_000_000_000_000_001
AT_ONCE = 5
MOST_CONNECTIONS = 5
DEEPEST = 2
LATE_BY = 50  # parents between a parent and its children, when children come late
EVERYTHING = 2**31 - 1
RUNNING = ("CREATED", "RUNNING")
Write = Callable[[Any], Any]


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

    def run(self, call: Any, text: str) -> Node:
        """`bulkOperationRunQuery`: the operation, CREATED, or why not."""
        running = [one for one in self.operations.values() if one["status"] in RUNNING]
        if len(running) >= AT_ONCE:
            return _refused(
                "A bulk query operation for this app and shop is already in progress",
                "OPERATION_IN_PROGRESS",
            )
        try:
            plan = Plan(call, text)
        except GraphQLError as error:
            return _refused(f"Invalid bulk query: {error.message}", "INVALID")
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
            "query": text,
            "_number": number,
        }
        self.operations[number] = operation
        task = asyncio.get_running_loop().create_task(self._run(operation, plan, call.grant.app))
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

    async def _run(self, operation: Node, plan: Plan, app: Any) -> None:
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

    def _write(self, operation: Node, plan: Plan) -> None:
        objects = roots = 0
        with self.file(operation["_number"]).open("w") as file:
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


def _put(file: IO[str], lines: list[Node]) -> None:
    for line in lines:
        file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")


def _halved(file: Path) -> bool:
    """Keep whole lines up to the middle of the file; whether any are left."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    file.write_text("".join(lines[: len(lines) // 2]))
    return len(lines) > 1


class Plan:
    """A bulk query as functions; GraphQLError if Shopify would refuse it."""

    def __init__(self, call: Any, text: str) -> None:
        self.call = call
        self.types = call.admin.types
        document = parse(text)
        for error in validate(self.types, document):
            raise error
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        (operation,) = [
            one for one in document.definitions if isinstance(one, OperationDefinitionNode)
        ]
        self.connections = 0
        query = self.types.query_type
        self._plain, self._children = self._object(operation.selection_set, query, 0)
        if not self._children:
            raise GraphQLError("Bulk queries must contain at least one connection.")
        if self.connections > MOST_CONNECTIONS:
            raise GraphQLError("Bulk queries cannot contain more than 5 connections.")

    def roots(self) -> Iterator[Iterator[Node]]:
        """For each object of the top connections, its line and its children's."""
        for _, listed, write in self._children:
            for node in listed({}):
                yield write(node, None)

    def _object(
        self, chosen: SelectionSetNode | None, on: GraphQLNamedType, depth: int
    ) -> tuple[list[tuple[str, Write]], list[Any]]:
        """The plain fields of a type as (key, function), and its connections."""
        plain: list[tuple[str, Write]] = []
        children: list[Any] = []
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                self._field(one, on, depth, plain, children)
            else:
                narrower = self._narrowed(one, on)
                more, deeper = self._object(narrower, on, depth)
                plain += more
                children += deeper
        return plain, children

    def _narrowed(self, one: Any, on: GraphQLNamedType) -> SelectionSetNode | None:
        spread = isinstance(one, FragmentSpreadNode)
        fragment = self.fragments[one.name.value] if spread else one
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        condition = fragment.type_condition
        applies = condition is None or condition.name.value == on.name
        return fragment.selection_set if applies else None

    def _field(
        self,
        node: FieldNode,
        on: GraphQLNamedType,
        depth: int,
        plain: list[tuple[str, Write]],
        children: list[Any],
    ) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if name == "__typename":
            plain.append((key, lambda source: source.get("__typename", on.name)))
            return
        if depth == 0 and name in ("node", "nodes"):
            raise GraphQLError("Bulk queries cannot use the top-level node or nodes fields.")
        assert isinstance(on, GraphQLObjectType | GraphQLInterfaceType)
        definition = on.fields[name]
        kind = get_named_type(definition.type)
        arguments = get_argument_values(definition, node)
        if kind.name.endswith("Connection"):
            children.append(self._connection(node, on, definition, arguments, depth))
        elif is_composite_type(kind):
            plain.append((key, self._nested(node, on, definition, arguments, kind, depth)))
        else:
            plain.append((key, self._value(on, name, definition, arguments)))

    def _value(self, on: GraphQLNamedType, name: str, definition: Any, arguments: Node) -> Write:
        from connectors.shopify.standin.resolvers import RESOLVERS, resolve

        if f"{on.name}.{name}" in RESOLVERS or arguments:
            return lambda source: resolve(
                self.call, on.name, name, definition.type, source, arguments
            )

        def value(source: Any) -> Any:
            if name in source:
                return source[name]
            return resolve(self.call, on.name, name, definition.type, source, arguments)

        return value

    def _nested(
        self, node: FieldNode, on: Any, definition: Any, arguments: Node, kind: Any, depth: int
    ) -> Write:
        read = self._value(on, node.name.value, definition, arguments)
        plain, deeper = self._object(node.selection_set, kind, depth)
        if deeper:
            raise GraphQLError("Connections below plain objects are not for bulk queries here.")

        def write(source: Any) -> Any:
            found = read(source)
            if isinstance(found, list):
                return [{key: get(one) for key, get in plain} for one in found]
            return found and {key: get(found) for key, get in plain}

        return write

    def _connection(
        self, node: FieldNode, on: Any, definition: Any, arguments: Node, depth: int
    ) -> Any:
        if depth >= DEEPEST:
            raise GraphQLError("Bulk queries cannot contain connections nested deeper than 2.")
        self.connections += 1
        connection = get_named_type(definition.type)
        assert isinstance(connection, GraphQLObjectType)
        kind = get_named_type(connection.fields["nodes"].type)
        plain, children = self._object(self._nodes_of(node.selection_set), kind, depth + 1)
        read = self._value(on, node.name.value, definition, {"first": EVERYTHING} | arguments)

        def listed(source: Any) -> Any:
            cut = {"first": EVERYTHING} | arguments
            if not source:
                return _everything(self.call, on.name, node.name.value, definition, cut)
            own = source.get(node.name.value)
            if isinstance(own, list) and not arguments:
                return own
            found = read(source)
            return found["nodes"] if isinstance(found, dict) else found

        def write(one: Any, parent: str | None) -> Iterator[Node]:
            line = {key: get(one) for key, get in plain}
            yield line if parent is None else line | {"__parentId": parent}
            for _, theirs, further in children:
                for child in theirs(one):
                    yield from further(child, one["id"])

        return node.name.value, listed, write

    def _nodes_of(self, chosen: SelectionSetNode | None) -> SelectionSetNode | None:
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode) and one.name.value == "nodes":
                return one.selection_set
            if isinstance(one, FieldNode) and one.name.value == "edges":
                for inner in one.selection_set.selections if one.selection_set else ():
                    if isinstance(inner, FieldNode) and inner.name.value == "node":
                        return inner.selection_set
        raise GraphQLError("A connection must be read through edges { node } or nodes.")


def _everything(call: Any, on: str, name: str, definition: Any, arguments: Node) -> Any:
    """All nodes of a top connection, products one by one."""
    from connectors.shopify.standin import access, filters
    from connectors.shopify.standin.resolvers import _matches, resolve

    if name != "products":
        return resolve(call, on, name, definition.type, {}, arguments)["nodes"]
    access.check(call.admin, call.grant, f"{on}.{name}", "Product", name)
    catalog = call.shop.catalog
    matches = _matches(call, "QueryRoot.products", arguments, filters.products(catalog))
    return (catalog.read(one) for one in list(catalog.ordered("ID")) if matches(one))
