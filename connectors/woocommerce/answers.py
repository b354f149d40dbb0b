"""Answers: what a shop's reply means: its data, or in plain words why there is none.

A shop is any PHP anywhere: its words are shown to people only without tags and cut short.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import msgspec

from connectors.http import Reply
from core.errors import Conflict, HubError, NotFound, Refused, Unavailable

SAID = 200  # characters of a shop's own words that people are shown
_BOM = b"\xef\xbb\xbf"
# Plugins print warnings before the JSON that WordPress answers with.
_WARNED = re.compile(rb"^\s*(?:<br\s*/?>\s*)?<b>(?:Warning|Notice|Deprecated)</b>", re.IGNORECASE)
_BEGINS = re.compile(rb'\[\s*[\[{\]]|\{\s*["}]')
_TAGS = re.compile(r"<[^>]*>")

WEB_PAGE = (
    "{host} answers with a web page where its data should be. Often a security plugin or the "
    "server's firewall stops programs, or a plugin is broken."
)
BLOCKED = (
    "Something before the shop, such as a security plugin, stops us. Allow the user agent Parley "
    "for /wp-json/ there."
)
REFUSED = (
    "The shop does not know our key. It was deleted or belongs to another shop: connect it again."
)
WRONG_PAIR = "The shop knows the key, but the secret is another one. Connect it again."
SIGNATURE = (
    "The shop's signature differs from ours: the secret is wrong, or the shop calls itself by "
    "another address, such as with or without www."
)
CLOCK = (
    "The shop's clock and ours differ by more than 15 minutes, so it refuses every request. Set "
    "the clock of whichever is wrong; servers use NTP."
)
PERMISSION = (
    "The key may not {what}. In WooCommerce open Settings, Advanced, REST API and give the key "
    "Read/Write, or connect the shop again."
)
NO_API = (
    "The shop's address answers, but its WooCommerce API is not there. Is WooCommerce active, and "
    "are permalinks other than Plain?"
)


class KeyRefused(Refused):
    """401 in the words that mean nothing: no key, an unknown one, or one that was not heard."""


def data_of(reply: Reply, host: str) -> Any:
    """The JSON of a reply; what a refusal means is raised.

    NotFound is a thing that is gone, Conflict one that is there already; Refused carries
    `refused` (the key), `wrong_secret`, `signature`, `clock`, `missing_permission`, `blocked`,
    `redirected`, `no_api`, or what the shop calls it; Unavailable might work in a minute.
    """
    if 300 <= reply.status < 400:
        raise Refused(
            f"{host} sends us to another address. Connect it again by the address its pages have.",
            code="redirected",
        )
    found = _json(reply.body)
    if reply.ok:
        if found is None:
            raise Unavailable(WEB_PAGE.format(host=host), code="bad_answer")
        return found
    raise refusal(reply.status, found, host)


def refusal(status: int, found: Any, host: str) -> HubError:
    """What a status of 4xx with this body means."""
    said = found if isinstance(found, dict) else {}
    code, text = str(said.get("code", ""))[:100], plain(said.get("message"))
    if status == 401 and said:
        return _unauthorized(text)
    if status in (401, 403, 406, 418) and not code.startswith(("woocommerce_", "rest_")):
        return Refused(BLOCKED, code="blocked")
    if status == 403:
        return Refused(PERMISSION.format(what="do this"), code="missing_permission")
    if status == 410 or (status == 404 and code.endswith("_invalid_id")):
        return NotFound("The shop has no such thing (any more).", code="gone")
    if status == 404:
        return Refused(NO_API, code="no_api")
    if code.endswith("_already_exists"):
        return Conflict("The shop has this already.", code=code)
    if status == 408:
        return Unavailable(f"{host} takes too long to answer.", code="timeout")
    return Refused(f"{host} said: {text or status}", code=code or "bad_request")


def _unauthorized(text: str) -> HubError:
    """A 401 in the shop's words. They mislead: only these few say what they mean."""
    lower = text.lower()
    if "nonce" in lower:  # a connection broke off, and the same request was sent again on another
        return Unavailable("The shop has heard this request before.", code="heard_before")
    if "permissions" in lower:
        what = "change anything" if "write" in lower else "read"
        return Refused(PERMISSION.format(what=what), code="missing_permission")
    if "timestamp" in lower:
        return Refused(CLOCK, code="clock")
    if "secret is invalid" in lower:
        return Refused(WRONG_PAIR, code="wrong_secret")
    if "signature" in lower:
        return Refused(SIGNATURE, code="signature")
    return KeyRefused(REFUSED, code="refused")


def _json(body: bytes) -> Any | None:
    """The body's JSON, also after what PHP printed before it; None if there is none."""
    body = body.removeprefix(_BOM)
    if _WARNED.match(body) and (begins := _BEGINS.search(body)):
        body = body[begins.start() :]
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def plain(text: Any) -> str:
    """A shop's words as one short line without tags."""
    return " ".join(unescape(_TAGS.sub("", str(text or ""))).split())[:SAID]
