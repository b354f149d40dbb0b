"""The console's document and files: one page for every address, framed by nobody."""

from __future__ import annotations

import re

import pytest

from connectors.testing.hubs import RunningHub
from hub.console_pages import console_policy


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_G1_the_console_is_one_document_at_every_address_of_its_own(hub: RunningHub):
    page = await hub.http.get("/console")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    for path in ("/console/", "/console/conversations/demo-1", "/console/settings/install?x=1"):
        answer = await hub.http.get(path)
        assert (answer.status_code, answer.content) == (200, page.content), path
    again = await hub.http.get("/console", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == page.headers["content-security-policy"]


async def test_B3_nobody_may_frame_the_console_and_nothing_inline_runs(hub: RunningHub):
    answer = await hub.http.get("/console")
    policy = answer.headers["content-security-policy"]
    assert policy == console_policy(hub.hub.services.public_url)
    lines = policy.split("; ")
    for line in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        assert line in lines
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "<script>" not in answer.text
    assert "style=" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("public_url", "socket"),
    [
        ("https://chat.kestrel.example", "wss://chat.kestrel.example"),
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000"),
        ("http://[::1]:8000", "ws://[::1]:8000"),
    ],
)
def test_B1_it_connects_only_to_its_own_hub(public_url, socket):
    assert f"connect-src 'self' {socket};" in console_policy(public_url)


async def test_the_built_files_are_kept_for_good(hub: RunningHub):
    page = (await hub.http.get("/console")).text
    files = re.findall(r'(?:src|href)="(/console/static/[^"]+)"', page)
    assert len(files) >= 2
    for file in files:
        answer = await hub.http.get(file)
        assert answer.status_code == 200, file
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        held = await hub.http.get(file, headers={"If-None-Match": answer.headers["etag"]})
        assert held.status_code == 304


async def test_what_is_not_there_is_a_404_and_not_the_console(hub: RunningHub):
    for path in ("api", "api/nothing", "api/conversations/x/y", "static/nothing.js", "static/"):
        answer = await hub.http.get(f"/console/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["error"]["code"] == "not_found"


async def test_T1_the_pages_routes_take_no_address_from_the_api(hub: RunningHub):
    """`/console/{path}` takes in everything below it, so it must be asked last."""
    for path in ("me", "conversations", "conversations/x", "records/x/history", "appearance"):
        answer = await hub.http.get(f"/console/api/{path}")
        assert answer.status_code == 401, path


async def test_R4_only_reading_is_served_at_a_pages_address(hub: RunningHub):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await hub.http.request(method, "/console")
        assert answer.status_code == 405
        assert answer.json()["error"]["code"] == "method_not_allowed"
    head = await hub.http.head("/console")
    assert (head.status_code, head.content) == (200, b"")
