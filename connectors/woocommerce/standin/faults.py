"""What goes wrong with WordPress in particular, beside what can go wrong with anyone."""

from __future__ import annotations

import html

from aiohttp import web

from connectors.testing.faults import FAULTS as COMMON
from connectors.testing.faults import Answer, Fault

CRITICAL = (
    "<!DOCTYPE html><html><head><title>WordPress &rsaquo; Error</title></head>"
    '<body id="error-page"><div class="wp-die-message"><p>There has been a critical error on this '
    "website.</p></div></body></html>"
)
MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Briefly unavailable "
    "for scheduled maintenance. Check back in a minute.</h1></body></html>"
)
FIREWALL = (
    "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center>"
    "<p>This request was blocked by the site's security plugin.</p></body></html>"
)
WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined array key &quot;total&quot; in "
    b"<b>/var/www/html/wp-content/plugins/some-plugin/init.php</b> on line <b>42</b><br />\n"
)
BOM = b"\xef\xbb\xbf"


def page(name: str, status: int, text: str, **headers: str) -> Fault:
    """A fault that answers with a page for people."""
    sent = {key.replace("_", "-"): value for key, value in headers.items()}

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="text/html", headers=sent)

    return Fault(name, act)


def put_before(name: str, text: bytes) -> Fault:
    """A fault that answers rightly, after these bytes."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await answer(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            response.body = text + response.body
        return response

    return Fault(name, act, took_effect=True)


async def wrong_content_type(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The right answer, said to be a web page."""
    response = await answer(request)
    response.content_type = "text/html"
    return response


async def entities(request: web.Request, answer: Answer) -> web.StreamResponse:
    """A plugin escaped the whole answer for HTML."""
    response = await answer(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        response.body = html.escape(response.body.decode(), quote=True).encode()
    return response


async def to_https(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The host forces https, whatever is asked."""
    target = f"https://{request.host}{request.path_qs}"
    return web.Response(status=301, headers={"Location": target})


_OWN = (
    page("maintenance", 503, MAINTENANCE, Retry_After="600"),
    page("critical_error", 500, CRITICAL),
    page("waf_403", 403, FIREWALL),
    put_before("php_warning", WARNING),
    put_before("bom", BOM),
    Fault("wrong_content_type", wrong_content_type, took_effect=True),
    Fault("html_entities", entities, took_effect=True),
    Fault("to_https", to_https),
)
FAULTS: dict[str, Fault] = COMMON | {fault.name: fault for fault in _OWN}
