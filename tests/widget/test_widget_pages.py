"""The widget's files: the loader on every page, the app only where it may be framed."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.testing.hubs import RunningHub, Shop
from widget.pages import app_policy

STATIC = Path(__file__).parents[2] / "widget" / "static"


def directives(policy: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in policy.split("; ")}


async def frame(shop: Shop, public_id: str = ""):
    return await shop.hub.http.get("/widget/app", params={"id": public_id or shop.made.app_id})


async def raw(hub: RunningHub, target: str) -> tuple[int, bytes]:
    """The answer to a request target as it is; a client library would tidy it up first."""
    parts = urlsplit(hub.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


# The loader -----------------------------------------------------------------------------------


async def test_W1_every_page_may_load_the_script_and_no_cookie_comes_with_it(hub: RunningHub):
    answer = await hub.http.get("/widget.js")
    assert answer.status_code == 200
    assert answer.content == (STATIC / "widget.js").read_bytes()
    headers = answer.headers
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"].startswith("public, max-age=300")
    assert "set-cookie" not in headers


async def test_W24_the_loader_is_small_on_the_wire(hub: RunningHub):
    async with hub.http.stream("GET", "/widget.js") as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
    assert len(sent) <= 4500
    assert gzip.decompress(sent) == (STATIC / "widget.js").read_bytes()
    plain = await hub.http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "accept-encoding"


async def test_W15_a_browser_that_has_it_is_told_so(hub: RunningHub):
    etag = (await hub.http.get("/widget.js")).headers["etag"]
    again = await hub.http.get("/widget.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    head = await hub.http.head("/widget.js")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)


# The app in its frame -------------------------------------------------------------------------


async def test_B3_only_the_widgets_own_site_may_frame_the_app(shop: Shop):
    agent = await shop.agent()
    await agent.request("PUT", "/console/api/appearance", {"domain": "https://Kestrel.example"})
    policy = directives((await frame(shop)).headers["content-security-policy"])
    assert policy["frame-ancestors"] == [
        "'self'",  # the console's preview
        "https://kestrel.example:*",
        "https://www.kestrel.example:*",
        "http://kestrel.example:*",
        "http://www.kestrel.example:*",
    ]


async def test_B3_a_widget_without_a_site_is_for_any_page_but_no_other_scheme(shop: Shop):
    policy = directives((await frame(shop)).headers["content-security-policy"])
    assert policy["frame-ancestors"] == ["'self'", "http:", "https:"]


async def test_B3_nothing_inline_runs_in_the_frame_and_it_talks_only_to_the_hub(shop: Shop):
    answer = await frame(shop)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = directives(answer.headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["connect-src"][0] == "'self'"
    assert policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_B3_the_socket_is_the_public_addresss_own():
    assert "wss://chat.kestrel.example;" in app_policy("https://chat.kestrel.example", None)
    assert "ws://127.0.0.1:8000;" in app_policy("http://127.0.0.1:8000", None)


async def test_B3_an_unknown_widget_has_no_app(shop: Shop):
    for public_id in ("", "icw_" + "x" * 24, "' script-src *", "\x00"):
        answer = await shop.hub.http.get("/widget/app", params={"id": public_id})
        assert answer.status_code in (400, 404), public_id
        assert "frame-ancestors" not in answer.headers.get("content-security-policy", "")


# Static files ---------------------------------------------------------------------------------


async def test_the_built_files_are_there_for_good(shop: Shop):
    page = (await frame(shop)).text
    for name in json.loads((STATIC / "manifest.json").read_text()).values():
        first = name.startswith("app-")  # the others are fetched when they are first shown
        assert (f"/widget/static/{name}" in page) is first
        answer = await shop.hub.http.get(f"/widget/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        again = await shop.hub.http.get(
            f"/widget/static/{name}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304


@pytest.mark.parametrize("prefix", ["/widget/static/", "/console/static/", "/demo/static/"])
async def test_B5_no_path_leaves_the_folder(hub: RunningHub, prefix):
    for path in (
        "../pages.py",
        "../../pyproject.toml",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "%2e%2e%2f%2e%2e%2fpyproject.toml",
        "..%5cpages.py",
        "....//pages.py",
        "%252e%252e%252fpages.py",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "app.html%00.js",
        "./app.html/",
        ".",
        "",
    ):
        status, body = await raw(hub, prefix + path)
        assert status in (400, 404), (path, status)
        assert b"root:" not in body
        assert b"import" not in body
