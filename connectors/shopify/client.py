"""Client: GraphQL operations on a shop's Admin API, each with its own connection's token.

Nothing is kept between calls that belongs to one shop: the token travels as an argument. A
query is tried again when it might work; a mutation only when it surely did not take effect, or
is marked `@idempotent`.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
import structlog
from graphql import OperationDefinitionNode, OperationType, parse
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
)

from connectors.http import Busy, Http, NotSent, Reply
from connectors.shopify.answers import TokenRefused, cost_of, data_of, refuse
from connectors.shopify.settings import API_VERSION, Settings, ShopSettings, checked
from connectors.shopify.shapes import Shape, fits, never_null, shape_of
from connectors.shopify.throttle import Share, Throttle, Throttled
from connectors.shopify.tokens import Tokens
from core.connector import Connection
from core.errors import HubError, Unavailable

log = structlog.get_logger("shopify")

OPERATIONS = Path(__file__).parent / "operations"
GRAPHQL = f"/admin/api/{API_VERSION}/graphql.json"
TRIES: dict[Share, int] = {"live": 3, "background": 6}
PATIENCE: dict[Share, float] = {"live": 12.0, "background": 120.0}  # seconds, all tries together
WITHIN: dict[Share, float] = {"live": 8.0, "background": 30.0}  # seconds, one try
FIRST_WAIT = 0.25  # seconds; doubled with every try


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the folder `operations`."""

    name: str
    text: str
    changes: bool  # a mutation
    idempotent: bool
    shape: Shape

    def is_answered_by(self, data: Mapping[str, Any]) -> bool:
        """Whether an answer has all that was asked for."""
        sure = never_null(self.shape, changes=self.changes)
        return fits(data, self.shape) and all(data[name] is not None for name in sure)

    def may_repeat(self, error: BaseException) -> bool:
        """Whether trying again after `error` can do no harm."""
        if isinstance(error, NotSent | Busy | Throttled):
            return True
        return isinstance(error, Unavailable) and (not self.changes or self.idempotent)


@cache
def operation(name: str) -> Operation:
    """The operation in `operations/<name>.graphql`."""
    text = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    document = parse(text)
    (asked,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    changes = asked.operation is OperationType.MUTATION
    return Operation(name, text, changes, "@idempotent(" in text, shape_of(document, asked))


class Api:
    """The Admin API of every connected shop."""

    def __init__(self, http: Http, settings: Settings, tokens: Tokens) -> None:
        self.http = http
        self._settings = settings
        self._tokens = tokens
        self._throttle = Throttle()

    async def run(
        self,
        connection: Connection,
        name: str,
        variables: Mapping[str, Any] | None = None,
        share: Share = "live",
        *,
        whole: bool = False,
    ) -> dict[str, Any]:
        """The `data` of an operation; without `whole` it may have holes where the shop keeps
        something from the app.

        Unavailable: it might work in a minute; for a mutation nobody may know whether it did,
        unless it is NotSent. Refused: `refused` (the token), `missing_permission`,
        `protected_data`, `shop_unavailable`, `too_costly` (TooCostly: ask for less), or what
        the shop said. Userless errors in the data (`userErrors`) are the caller's.
        """
        keys = await self._tokens.current(connection)
        try:
            return await self._with(connection.shop, keys, name, variables, share, whole)
        except TokenRefused:
            keys = await self._tokens.renewed(connection, keys)
            return await self._with(connection.shop, keys, name, variables, share, whole)

    async def ask(
        self,
        shop: str,
        token: str,
        name: str,
        variables: Mapping[str, Any] | None = None,
        share: Share = "live",
        *,
        whole: bool = False,
    ) -> dict[str, Any]:
        """The same for a shop that is no connection yet; TokenRefused if the token is wrong."""
        op, given = operation(name), dict(variables or {})
        try:
            return await self._once(shop, token, op, given, share, whole)
        except Unavailable as error:
            failed = [error]  # the first of tenacity's tries: without a failure we never ask it
        async for attempt in _tries(op, share):
            with attempt:
                if failed:
                    raise failed.pop()
                return await self._once(shop, token, op, given, share, whole)
        raise AssertionError("tenacity raises the last failure")

    async def lines(self, connection: Connection, url: str) -> AsyncIterator[dict[str, Any]]:
        """The objects of a bulk operation's file, one by one; no token goes there."""
        async for line in self.http.lines(url):
            yield _object(line)

    def cost(self, name: str) -> float:
        """What an operation costs by its last answer; page sizes follow it."""
        return self._throttle.cost(name)

    async def _with(
        self,
        shop: str,
        keys: ShopSettings,
        name: str,
        variables: Mapping[str, Any] | None,
        share: Share,
        whole: bool,
    ) -> dict[str, Any]:
        token = keys.access_token.get_secret_value()
        return await self.ask(shop, token, name, variables, share, whole=whole)

    async def _once(
        self,
        shop: str,
        token: str,
        op: Operation,
        variables: dict[str, Any],
        share: Share,
        whole: bool,
    ) -> dict[str, Any]:
        counted = await self._throttle.enter(shop, op.name, share)
        told: Any = None
        try:
            reply = await self._post(shop, token, op, variables, share)
            refuse(reply, shop)
            answer = reply.json()
            told = cost_of(answer)
            data = data_of(answer, whole=whole)
            if not op.is_answered_by(data):
                raise Unavailable("The shop's answer is not whole.", code="bad_answer")
            return data
        finally:
            self._throttle.leave(shop, op.name, counted, told)

    async def _post(
        self, shop: str, token: str, op: Operation, variables: dict[str, Any], share: Share
    ) -> Reply:
        return await self.http.request(
            "POST",
            self._settings.url(shop, GRAPHQL),
            headers={
                "Accept": "application/json",
                "Host": checked(shop),
                "X-Shopify-Access-Token": token,
            },
            json={"query": op.text, "variables": variables},
            within=WITHIN[share],
        )


def problems(payload: Any) -> list[dict[str, Any]]:
    """The `userErrors` of a mutation's payload, whatever it calls them."""
    if not isinstance(payload, dict):
        return []
    found = [
        one
        for name, errors in payload.items()
        if name.endswith("serErrors") and isinstance(errors, list)
        for one in errors
    ]
    return [one for one in found if isinstance(one, dict)]


def _tries(op: Operation, share: Share) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(op.may_repeat),
        stop=stop_after_attempt(TRIES[share]) | stop_before_delay(PATIENCE[share]),
        wait=_wait,
        before_sleep=partial(_note, op.name),
        reraise=True,
    )


def _wait(state: RetryCallState) -> float:
    """As long as the shop asks for, or twice as long each time; never all at once again."""
    error = _failure(state)
    jitter = random.uniform(1.0, 1.25)  # noqa: S311
    if isinstance(error, Throttled):
        return error.seconds * jitter
    if isinstance(error, HubError) and error.retry_after is not None:
        return float(error.retry_after) * jitter
    return FIRST_WAIT * float(2 ** (state.attempt_number - 1)) * jitter


def _note(name: str, state: RetryCallState) -> None:
    error = str(_failure(state))
    log.info("shop_call_again", operation=name, attempt=state.attempt_number, reason=error)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unavailable("The file has a line that is no JSON.", code="bad_answer") from error
    if not isinstance(found, dict):
        raise Unavailable("The file has a line that is no object.", code="bad_answer")
    return found
