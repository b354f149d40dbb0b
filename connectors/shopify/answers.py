"""Answers: what a shop's reply means: its data, or in plain words why there is none."""

from __future__ import annotations

import re
from typing import Any

from connectors.http import Reply
from connectors.shopify.throttle import Throttled, seconds_to_wait
from core.errors import NotFound, Refused, Unavailable

NO_DATA = "The shop's answer has no data."
NOT_APPROVED = re.compile(r"not approved to (?:access|use|subscribe)", re.IGNORECASE)
SCOPE = re.compile(r"`?\b((?:read|write)_[a-z_]+)\b`?")


class TokenRefused(Refused):
    """401: the shop does not know this access token (any more)."""


class TooCostly(Refused):
    """The operation asks for more at once than the shop gives: ask for a smaller page."""


_WORDS = {
    400: ("bad_request", "Shopify did not understand the request."),
    402: ("shop_unavailable", "The shop is frozen: its Shopify bill is open."),
    403: ("forbidden", "Shopify does not let the app do this in the shop."),
    404: ("not_found", "There is no shop at this address."),
    406: ("bad_request", "Shopify did not take the request."),
    423: ("shop_unavailable", "Shopify has locked the shop."),
    430: ("forbidden", "Shopify's firewall stopped the request."),
}


def refuse(reply: Reply, shop: str) -> None:
    """Return if a reply may hold data; else TokenRefused, Refused or Unavailable."""
    status = reply.status
    if reply.status == 200:
        return
    if status == 401:
        raise TokenRefused(f"{shop} no longer accepts our key. Connect it again.", code="refused")
    if status == 408:
        raise Unavailable(f"{shop} takes too long to answer.", code="timeout")
    if status == 403 and "expiring" in _text(reply):
        raise TokenRefused("Shopify no longer accepts keys that do not expire.", code="refused")
    if 300 <= status < 400:
        raise Refused(f"{shop} sent us elsewhere ({status}).", code="redirected")
    if reply.ok:
        raise Unavailable(NO_DATA, code="bad_answer")
    code, words = _WORDS.get(status, ("bad_request", f"Shopify answered {status}."))
    raise Refused(f"{shop}: {words}", code=code)


def data_of(answer: Any, *, whole: bool = False) -> dict[str, Any]:
    """The `data` of a GraphQL answer; what its `errors` mean is raised.

    Fields the shop keeps from the app are null and no failure, unless the `whole` is wanted or
    nothing else is left.
    """
    if not isinstance(answer, dict):
        raise Unavailable(NO_DATA, code="bad_answer")
    data, errors = answer.get("data"), answer.get("errors")
    if errors:
        _judge(errors, data, cost_of(answer), whole)
    if not isinstance(data, dict):
        raise Unavailable(NO_DATA, code="bad_answer")
    return data


def _judge(errors: Any, data: Any, cost: Any, whole: bool) -> None:
    """Raise what the errors mean, the worst first."""
    if isinstance(errors, str):
        raise Unavailable("Shopify failed at this.", code="vendor_error")
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    codes = {_code(one) for one in found}
    if "THROTTLED" in codes:
        raise Throttled(seconds_to_wait(cost))
    if "MAX_COST_EXCEEDED" in codes:
        raise TooCostly("This asks for too much at once.", code="too_costly")
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"}:
        raise Unavailable("Shopify failed at this.", code="vendor_error")
    if "SHOP_INACTIVE" in codes:
        raise Refused("The shop is closed or frozen.", code="shop_unavailable")
    kept = [refusal for one in found if (refusal := _kept_from_us(one)) is not None]
    if not found or len(kept) < len(found):
        text = _message(next((one for one in found if _kept_from_us(one) is None), {}))
        raise Refused(f"Shopify said: {text[:300] or 'no'}", code="refused_operation")
    if whole or not _still_has_data(found, data):
        raise kept[0]


def _kept_from_us(error: dict[str, Any]) -> Refused | None:
    """Why the shop keeps a field from the app; None if the error is another."""
    if NOT_APPROVED.search(_message(error)):
        return Refused(
            "Shopify has not approved the app for customers' personal data.", code="protected_data"
        )
    return _permission(error) if _code(error) == "ACCESS_DENIED" else None


def cost_of(answer: Any) -> Any:
    """What an answer says it cost, if it does."""
    extensions = answer.get("extensions") if isinstance(answer, dict) else None
    return extensions.get("cost") if isinstance(extensions, dict) else None


def _permission(error: dict[str, Any]) -> Refused:
    extensions = error.get("extensions")
    wanted = extensions.get("requiredAccess", "") if isinstance(extensions, dict) else ""
    named = SCOPE.search(str(wanted)) or SCOPE.search(_message(error))
    what = f"the permission {named[1]}" if named else "a permission"
    return Refused(
        f"The shop has not given the app {what}. Connect it again to ask for it.",
        code="missing_permission",
        field=named[1] if named else None,
    )


def _still_has_data(errors: list[dict[str, Any]], data: Any) -> bool:
    """Whether what was asked for is there, only with holes."""
    if not isinstance(data, dict):
        return False
    roots = {str(path[0]) for one in errors if isinstance(path := one.get("path"), list) and path}
    return bool(roots) and all(data.get(root) is not None for root in roots)


def _code(error: dict[str, Any]) -> str:
    extensions = error.get("extensions")
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def _message(error: dict[str, Any]) -> str:
    return str(error.get("message", ""))


def _text(reply: Reply) -> str:
    return reply.body[:4000].decode("utf-8", "replace").lower()


def not_found(what: str) -> NotFound:
    """The shop has no such thing (any more)."""
    return NotFound(f"The shop has no such {what}.")
