"""The OpenAPI document: what the declared routes take and answer, and who may use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core import errors
from core.access import ROLE_NAMES, Access
from core.errors import HubError
from core.routes import Route, SocketRoute
from hub import __version__
from hub.limits import RATES

Json = dict[str, Any]

REF = "#/components/schemas/{name}"
SUCCESS = {200: "Done.", 201: "Made.", 202: "Accepted.", 204: "Done; there is nothing to say."}
PARTLY = {207: "Some items were refused: `results` says which and why."}
# The order of the groups a developer reads first; the others follow by name.
FIRST = ("Customer-Data API", "Widgets", "Chat", "Operations")
ABOUT = """\
Every error has the same shape: `{"error": {"code", "message", "field"?, "index"?}}`. `code` is for
programs and does not change, `message` is for people.

Send times as RFC 3339, such as `2026-11-22T09:30:00Z`. Amounts are exact: major units as
`"19.99"`, or whole minor units beside the currency's ISO 4217 code.

A caller has a bucket of requests that refills steadily: `RateLimit-Remaining` says what is left, a
429 carries `Retry-After` in seconds.

The websocket `/v1/chat/socket` is described in docs/protocol.md.
"""
SECURITY: dict[str, Json] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `wgk_…`, from Settings → Developers. It belongs to one "
        "workspace and carries scopes.",
    },
    "visitor": {
        "type": "http",
        "scheme": "bearer",
        "description": "A visitor's token, `vst_…`, from `POST /v1/chat/session`.",
    },
    "agent": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-parley_session",
        "description": "An agent's browser session. What changes something also needs an Origin "
        "of the hub itself.",
    },
}
ERRORS: dict[int, str] = {
    400: "The bytes or the address make no sense.",
    401: "No key or token, or not a valid one.",
    403: "It is valid, but may not do this.",
    404: "It is not there, or not yours.",
    409: "It contradicts what is stored.",
    413: "More bytes or items than we take at once.",
    422: "Well-formed, but a field is wrong; `field` names it.",
    429: "Too many requests.",
    503: "It might work in a minute.",
}
ERROR: Json = {
    "type": "object",
    "title": "Error",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "For programs; does not change."},
                "message": {"type": "string", "description": "One sentence for people."},
                "field": {"type": "string", "description": "What was wrong, `records[0].amount`."},
                "index": {"type": "integer", "description": "Which item, from 0."},
            },
        }
    },
}


def document(routes: Iterable[Route | SocketRoute], server: str) -> Json:
    """The document for a hub that answers at `server`."""
    shown = sorted(
        (route for route in routes if isinstance(route, Route) and not route.hidden), key=_place
    )
    shapes = Shapes(shown)
    paths: dict[str, Json] = {}
    for route in shown:
        path = re.sub(r":\w+}", "}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley",
            "version": __version__,
            "summary": "Where a shop's customers, orders and products meet its conversations.",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(route) for route in shown)],
        "paths": paths,
        "components": {
            "schemas": {**shapes.components, "Error": ERROR},
            "responses": {str(status): _refusal(status) for status in ERRORS},
            "securitySchemes": SECURITY,
        },
    }


def _tag(route: Route) -> str:
    return route.tag or "Other"


def _place(route: Route) -> tuple[int, str]:
    tag = _tag(route)
    return (FIRST.index(tag) if tag in FIRST else len(FIRST), "" if tag in FIRST else tag)


class Shapes:
    """The schemas of everything that routes take and answer."""

    def __init__(self, routes: Iterable[Route]) -> None:
        types = [
            shape
            for route in routes
            for shape in (route.body, route.answer, route.query, route.headers)
            if shape is not None
        ]
        self._types = list(dict.fromkeys(types))
        schemas, components = msgspec.json.schema_components(self._types, ref_template=REF)
        refs = {REF.format(name=name): REF.format(name=_short(name)) for name in components}
        self._schemas: list[Json] = [_mended(schema, refs) for schema in schemas]
        self.components: Json = {
            _short(name): _mended(one, refs) for name, one in sorted(components.items())
        }

    def of(self, shape: Any) -> Json:
        """The schema of a type, usually a reference."""
        return self._schemas[self._types.index(shape)]

    def members(self, shape: Any) -> Iterable[tuple[str, Json, bool]]:
        """The members of a struct: name, schema, and whether it must be given."""
        name = self.of(shape)["$ref"].rpartition("/")[2]
        struct = self.components[name]
        for member, schema in struct["properties"].items():
            yield member, schema, member in struct.get("required", ())


def _short(name: str) -> str:
    """Where two modules have a shape of one name, the module's own name tells them apart."""
    return "".join(word[:1].upper() + word[1:] for word in name.split(".")[-2:])


def _mended(schema: Any, refs: Mapping[str, str]) -> Any:
    """The same schema, plainer: amounts may be numbers too, and alternatives are not nested."""
    if isinstance(schema, list):
        return [_mended(one, refs) for one in schema]
    if not isinstance(schema, dict):
        return refs.get(schema, schema) if isinstance(schema, str) else schema
    mended = {name: _mended(value, refs) for name, value in schema.items()}
    if mended.get("format") == "decimal" and mended["type"] == "string":
        mended["type"] = ["string", "number"]
    if mended.get("default", 0) is None:  # "not given" is no value to send
        del mended["default"]
    if "anyOf" in mended:
        choices = mended.pop("anyOf")
        flat = [one for choice in choices for one in choice.get("anyOf", [choice])]
        for one in (*choices, *flat):
            if "$ref" not in one and (said := one.pop("description", None)):
                mended.setdefault("description", said)
        if all(one.keys() == {"type"} for one in flat):
            types = [kind for one in flat for kind in _listed(one["type"])]
            mended["type"] = list(dict.fromkeys(types))
        else:
            mended["anyOf"] = flat
    return mended


def _listed(kinds: str | list[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else kinds


def _operation(route: Route, path: str, shapes: Shapes) -> Json:
    said = (route.endpoint.__doc__ or "").strip()
    operation: Json = {
        "operationId": _name(route, path),
        "tags": [_tag(route)],
        "summary": route.summary.rstrip("."),
        **({"description": said} if said.rstrip(".") != route.summary.rstrip(".") else {}),
        "x-access": access(route.access),
        "security": _security(route.access),
        "parameters": [*_parameters(route, path, shapes)],
        "responses": _responses(route, shapes),
    }
    if route.body is not None:
        media: Json = {"schema": shapes.of(route.body)}
        if route.example is not None:
            media["example"] = route.example
        # A removal may name its object in the query instead.
        needed = route.query is not route.body
        operation["requestBody"] = {"required": needed, "content": {"application/json": media}}
    return {name: value for name, value in operation.items() if value != []} | {
        "security": operation["security"]
    }


def _name(route: Route, path: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", path)
    return "_".join((route.method.lower(), *words))


def access(declared: Access) -> Json:
    """Who may pass, as a program reads it."""
    if declared.public:
        return {"public": True}
    said: Json = {}
    if declared.visitor is not None:
        said["visitor"] = declared.visitor.name.lower()
    if declared.role is not None:
        said["role"] = ROLE_NAMES[declared.role]
    if declared.scope is not None:
        said["scope"] = declared.scope
    return said


def _security(declared: Access) -> list[Json]:
    known = {
        "apiKey": declared.scope is not None,
        "visitor": declared.visitor is not None,
        "agent": declared.role is not None,
    }
    return [{scheme: []} for scheme, needed in known.items() if needed and not declared.public]


def _parameters(route: Route, path: str, shapes: Shapes) -> Iterable[Json]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for place, shape in (("query", route.query), ("header", route.headers)):
        if shape is not None:
            for name, schema, required in shapes.members(shape):
                plain = {key: value for key, value in schema.items() if key != "description"}
                yield {
                    "name": name,
                    "in": place,
                    "required": required,
                    "schema": plain,
                    **({"description": schema["description"]} if "description" in schema else {}),
                }


def _responses(route: Route, shapes: Shapes) -> Json:
    success: Json = {"description": SUCCESS.get(route.status, "Done.")}
    if route.answer is not None:
        media: Json = {"schema": shapes.of(route.answer)}
        if route.shows is not None:
            media["example"] = route.shows
        success["content"] = {"application/json": media}
    if not route.access.public:
        success["headers"] = _limit_headers(route.rate)
    responses: Json = {str(route.status): success}
    for status in route.also:
        description = PARTLY.get(status) or SUCCESS.get(status) or ERRORS[status]
        schema = shapes.of(route.answer)
        if status >= 400:  # the whole request was refused, or each item of it
            schema = {"anyOf": [{"$ref": REF.format(name="Error")}, schema]}
        content = {"application/json": {"schema": schema}}
        responses[str(status)] = {**success, "description": description, "content": content}
    for status in _refusals(route):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    return dict(sorted(responses.items()))


def _refusals(route: Route) -> Iterable[int]:
    if route.body is not None or route.query is not None or route.raw:
        yield from (400, 422)
    if route.body is not None or route.raw:
        yield 413
    if not route.access.public:
        yield from (401, 403)
    if "{" in route.path:
        yield 404
    yield from (429, 503)


def _limit_headers(rate: str) -> Json:
    told = {
        "RateLimit-Limit": f"Requests a full bucket has: {RATES[rate].burst}.",
        "RateLimit-Remaining": "Requests left in the bucket.",
        "RateLimit-Reset": "Seconds until the bucket is full again.",
    }
    return {
        name: {"description": text, "schema": {"type": "integer"}} for name, text in told.items()
    }


def _refusal(status: int) -> Json:
    refusal: Json = {
        "description": ERRORS[status],
        "content": {
            "application/json": {
                "schema": {"$ref": REF.format(name="Error")},
                "example": {"error": _example(status)},
            }
        },
    }
    if status in (429, 503):
        refusal["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return refusal


def _example(status: int) -> Mapping[str, Any]:
    code = next(
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, HubError) and kind.status == status
    )
    field = {"field": "records[0].amount", "index": 0} if status == 422 else {}
    return {"code": code, "message": ERRORS[status], **field}
