"""The Admin GraphQL endpoint: everything Shopify checks, in its order, answered in its words."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from connectors.shopify.standin import access, cost
from connectors.shopify.standin.apps import Grant
from connectors.shopify.standin.call import Call
from connectors.shopify.standin.mutations import mutate
from connectors.shopify.standin.resolvers import resolve
from connectors.shopify.standin.rules import Asked
from connectors.shopify.standin.schema import VERSION, admin_schema
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Node

log = logging.getLogger(__name__)

PATH = "/admin/api/{version}/graphql.json"
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
NOT_EXPIRING = (
    "[API] Non-expiring access tokens are no longer accepted for the Admin API. Start using "
    "expiring offline tokens: https://shopify.dev/docs/apps/build/authentication-authorization/"
    "access-tokens/offline-access-tokens"
)
TOO_DEAR = (
    "Query cost is {}, which exceeds the single query max cost limit ({}).\n\n"
    "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\n"
    "cost of a query is calculated.\n\n"
    "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
)
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
BAD_BODY = {"errors": {"query": "Required parameter missing or invalid"}}


async def answer(shop: Shop, request: web.Request) -> web.Response:
    """One API call, as Shopify would answer it."""
    if request.match_info["version"] != VERSION:
        return web.json_response({"errors": "Not Found"}, status=404)
    grant = shop.grant_of(request.headers.get("X-Shopify-Access-Token", ""))
    if grant is None:
        return web.json_response({"errors": BAD_TOKEN}, status=401)
    if grant.expires_at is None and grant.app.public:
        return web.json_response({"errors": NOT_EXPIRING}, status=403)
    body = await _body(request)
    if body is None:
        return web.json_response(BAD_BODY, status=400)
    reply = run(shop, grant, body["query"], body.get("variables"), body.get("operationName"))
    return web.json_response(reply, headers={"X-Shopify-API-Version": VERSION})


async def _body(request: web.Request) -> Node | None:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    fine = (
        request.content_type == "application/json"
        and isinstance(body, dict)
        and isinstance(body.get("query"), str)
        and isinstance(body.get("variables"), dict | None)
    )
    return body if fine else None


def run(
    shop: Shop, grant: Grant, query: str, variables: Node | None = None, name: str | None = None
) -> Node:
    """The answer to a query as JSON; never raises."""
    admin = admin_schema()
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return _errors([error])
    if errors := validate(admin.types, document):
        return _errors(list(errors))
    try:
        operation = _chosen(document, name)
    except GraphQLError as error:
        return _errors([error])
    values = get_variable_values(admin.types, operation.variable_definitions or (), variables or {})
    if not isinstance(values, VariableValues):
        return _errors([_invalid_variable(error) for error in values])
    asked = Asked(admin, document, operation, values)
    if errors := asked.errors():
        return _errors(errors)
    return _paid(shop, asked, lambda: _execute(shop, grant, asked, document, variables, name))


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    named = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if len(named) != 1:
        what = f"No operation named {name!r}" if name else "An operation name is required"
        raise GraphQLError(what)
    return named[0]


def _paid(shop: Shop, asked: Asked, work: Any) -> Node:
    """The answer, if the bucket holds what the query may cost."""
    pricing = cost.Pricing(asked.admin.types, asked.fragments, asked.variables)
    points = pricing.operation(asked.operation)
    if points > cost.HIGHEST:
        return {
            "errors": [
                {
                    "message": TOO_DEAR.format(points, cost.HIGHEST),
                    "extensions": {
                        "code": "MAX_COST_EXCEEDED",
                        "cost": points,
                        "maxCost": cost.HIGHEST,
                        "documentation": LIMITS_PAGE,
                    },
                }
            ]
        }
    if not shop.bucket.take(points):
        return throttled(shop, points)
    reply: Node = work()
    actual = points if asked.is_mutation else min(points, cost.used(reply.get("data")))
    shop.bucket.give_back(points - actual)
    return reply | {"extensions": {"cost": shop.bucket.report(points, actual)}}


def throttled(shop: Shop, points: float) -> Node:
    """What Shopify says when the bucket is empty, with status 200."""
    return {
        "errors": [
            {
                "message": "Throttled",
                "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE},
            }
        ],
        "extensions": {"cost": shop.bucket.report(points, None)},
    }


def _execute(
    shop: Shop,
    grant: Grant,
    asked: Asked,
    document: DocumentNode,
    variables: Node | None,
    name: str | None,
) -> Node:
    call = Call(shop, grant, asked.admin)

    def field(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if asked.is_mutation and info.parent_type is asked.root:
            _may_mutate(call, info)
            return mutate(call, info.field_name, arguments, asked.key(info.field_nodes[0]))
        return resolve(
            call, info.parent_type.name, info.field_name, info.return_type, source, arguments
        )

    result = execute(
        asked.admin.types,
        document,
        variable_values=variables or {},
        operation_name=name,
        field_resolver=field,
    )
    assert isinstance(result, ExecutionResult)
    shop.guessed |= call.guessed
    reply: Node = {"data": result.data}
    return reply | _errors(result.errors) if result.errors else reply


def _may_mutate(call: Call, info: GraphQLResolveInfo[Any]) -> None:
    access.check(
        call.admin,
        call.grant,
        f"Mutation.{info.field_name}",
        "",
        info.field_name,
    )


def _invalid_variable(error: GraphQLError) -> GraphQLError:
    return GraphQLError(
        error.message,
        error.nodes,
        original_error=error,
        extensions={"code": "INVALID_VARIABLE", "problems": [{"explanation": error.message}]},
    )


def _errors(errors: list[GraphQLError]) -> Node:
    told = []
    for error in errors:
        one = dict(error.formatted)
        if error.original_error and not isinstance(error.original_error, GraphQLError):
            log.error("the stand-in failed at %s", error.path, exc_info=error.original_error)
            one["extensions"] = {"code": "INTERNAL_SERVER_ERROR"}
        told.append(one)
    return {"errors": told}


def operation_names(body: bytes) -> frozenset[str]:
    """What a request body asks for: the operation's name and its root fields, to match faults."""
    try:
        document = parse(str(json.loads(body)["query"]), no_location=True)
    except (ValueError, KeyError, TypeError, GraphQLError):
        return frozenset()
    names = set()
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            names |= {one.name.value} if one.name else set()
            names |= {
                field.name.value for field in one.selection_set.selections if hasattr(field, "name")
            }
    return frozenset(unquote(name) for name in names)
