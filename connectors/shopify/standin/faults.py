"""What can go wrong at Shopify in particular, beside what can go wrong anywhere: `FAULTS`."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

from connectors.shopify.standin.admin_api import BAD_TOKEN, LIMITS_PAGE, NOT_EXPIRING
from connectors.testing import faults
from connectors.testing.faults import Answer, Fault

BUSY = {
    "requestedQueryCost": 752,
    "actualQueryCost": None,
    "throttleStatus": {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 700,
        "restoreRate": 100.0,
    },
}


def _answered(name: str, body: Any, status: int = 200, **headers: str) -> Fault:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=sent)

    return Fault(name, act)


def _error(name: str, message: str, code: str | None, **more: Any) -> Fault:
    extensions = {"extensions": {"code": code, **more}} if code else {}
    return _answered(name, {"errors": [{"message": message, **extensions}]})


async def _user_errors(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The mutation says no, in its own words and with no effect."""
    told = {"field": None, "message": "Something is not allowed here", "code": None}
    body: dict[str, Any] = {}
    for field in _roots(await request.read()):
        chosen = field.selection_set.selections if field.selection_set else ()
        body[_key(field)] = {
            _key(one): [told] if one.name.value.lower().endswith("usererrors") else None
            for one in chosen
            if isinstance(one, FieldNode)
        }
    return web.json_response({"data": body})


async def _null_roots(request: web.Request, answer: Answer) -> web.StreamResponse:
    """No errors, and nothing where something was asked for."""
    body = {_key(field): None for field in _roots(await request.read())}
    return web.json_response({"data": body})


async def _partial(request: web.Request, answer: Answer) -> web.StreamResponse:
    """An answer with an error beside the data: something inside could not be read."""
    response = await answer(request)
    body = json.loads(response.body) if isinstance(response, web.Response) else {}  # type: ignore[arg-type]
    body["errors"] = [
        {"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    ]
    return web.json_response(body)


async def _no_extensions(request: web.Request, answer: Answer) -> web.StreamResponse:
    """A right answer that does not say what it cost."""
    response = await answer(request)
    body = json.loads(response.body) if isinstance(response, web.Response) else {}  # type: ignore[arg-type]
    body.pop("extensions", None)
    return web.json_response(body)


def _roots(body: bytes) -> list[FieldNode]:
    try:
        document = parse(str(json.loads(body)["query"]))
    except (ValueError, KeyError, TypeError, GraphQLError):
        return []
    return [
        field
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        for field in one.selection_set.selections
        if isinstance(field, FieldNode)
    ]


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


_THROTTLED = {"code": "THROTTLED", "documentation": LIMITS_PAGE}
_DENIED = "Access denied for products field. Required access: `read_products` access scope."
_SHOPIFYS = (
    _answered(
        "throttled",
        {
            "errors": [{"message": "Throttled", "extensions": _THROTTLED}],
            "extensions": {"cost": BUSY},
        },
    ),
    _answered(
        "throttled_without_cost", {"errors": [{"message": "Throttled", "extensions": _THROTTLED}]}
    ),
    _answered("throttled_429", {"errors": "Exceeded 2 calls per second"}, 429, Retry_After="2.0"),
    _error("max_cost_exceeded", "Query cost is 2003", "MAX_COST_EXCEEDED", cost=2003, maxCost=1000),
    _error(
        "access_denied",
        _DENIED,
        "ACCESS_DENIED",
        documentation="https://shopify.dev/api/usage/access-scopes",
        requiredAccess="`read_products` access scope.",
    ),
    _error(
        "not_approved",
        "This app is not approved to access the Order object. See "
        "https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
        "ACCESS_DENIED",
    ),
    _error(
        "internal_server_error",
        "Internal error. Looks like something went wrong on our end.",
        "INTERNAL_SERVER_ERROR",
    ),
    _error("error_without_code", "Something is wrong", None),
    _error("unknown_code", "A new kind of trouble", "NEVER_HEARD_OF"),
    _error("shop_inactive", "Shop is inactive", "SHOP_INACTIVE"),
    _answered("errors_is_text", {"errors": "Internal Server Error"}),
    _answered("errors_is_empty", {"errors": []}),
    _answered("null_data", {"data": None}),
    _answered("no_data", {}),
    _answered("data_is_list", {"data": []}),
    _answered("bad_token", {"errors": BAD_TOKEN}, 401),
    _answered("not_expiring", {"errors": NOT_EXPIRING}, 403),
    _answered("frozen", {"errors": "Unavailable Shop"}, 402),
    _answered("locked", {"errors": "Locked"}, 423),
    _answered("forbidden", {"errors": "[API] This action requires merchant approval."}, 403),
    _answered("shop_not_found", {"errors": "Not Found"}, 404),
    _answered("invalid_grant", {"error": "invalid_grant", "error_description": "Gone"}, 400),
    _answered("invalid_client", {"error": "invalid_client", "error_description": "Gone"}, 400),
    Fault("user_errors", _user_errors),
    Fault("null_roots", _null_roots),
    Fault("partial", _partial, took_effect=True),
    Fault("no_extensions", _no_extensions, took_effect=True),
)
FAULTS: dict[str, Fault] = faults.FAULTS | {fault.name: fault for fault in _SHOPIFYS}
