"""V7, D-4: whatever happens, no secret is in a log, a header, a page or the database's file.

A real `hub serve` at LOG_LEVEL=debug lives through a day: sign-ins right and wrong, keys, chats,
signed identities, webhooks, and a plugin that fails with a secret in its hands.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[1]
HUB = (sys.executable, "-c", "from hub.cli import main; main(prog_name='hub')")
PASSWORD, WRONG = "Marmalade-on-Tuesdays-7", "Marmalade-on-Mondays-7"
VENDOR = "shpss_" + "4f9d0e3b7a61c2" * 2  # of the plugin, by its environment
WORDS = ("Ottoline Featherstonehaugh", "ottoline@kestrel.example", "my card ends in 4242-9911")

PLUGIN = '''
"""A vendor whose webhooks are signed, and whose code fails with the secret in its hands."""
import hashlib, hmac
from pydantic import BaseModel
from core.access import PUBLIC
from core.errors import Refused, Unauthenticated
from core.hookspecs import hookimpl
from core.inbox import Received
from core.plugin import Plugin
from core.routes import Answer, Route

class Settings(BaseModel):
    secret: str

plugin = Plugin(name="careless", version="1", settings=Settings)

@hookimpl
def register_routes(services, settings):
    async def webhook(call):
        signed = hmac.new(settings.secret.encode(), call.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signed, call.headers.get("x-signature", "")):
            raise Unauthenticated("The signature is not ours.")
        row = Received(call.query["for"], "careless", "con_1", "paid", call.body)
        await services.inbox.store(row)
        return Answer(status=204)

    async def fail(call):
        token = call.headers["authorization"]
        raise RuntimeError(f"cannot send {settings.secret} for {token}: {call.headers}")

    async def work(services, delivery):
        raise Refused(f"the vendor does not know client_secret={settings.secret}")

    services.inbox.handler("careless", work)
    return [Route("POST", "/careless/webhook", webhook, PUBLIC, raw=True),
            Route("GET", "/careless/fail", fail, PUBLIC)]
'''


class Day:
    """A hub, what was secret in it, and everything it has said."""

    def __init__(self, folder: Path, log_format: str) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.secrets: dict[str, str] = {}  # what it is → the secret
        self.answers: list[httpx.Response] = []
        self.output = folder / "output.txt"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": log_format,
            "PLUGINS": str(folder / "plugins.toml"),
            "CARELESS_SECRET": VENDOR,
        }
        (folder / "careless_plugin.py").write_text(PLUGIN)
        own = (ROOT / "plugins.toml").read_text()
        (folder / "plugins.toml").write_text(
            f'{own}\n[[plugin]]\nmodule = "careless_plugin"\n'
            'settings = { secret = { env = "CARELESS_SECRET" } }\n'
        )

    def keep(self, what: str, secret: str) -> str:
        """Remember a secret, to look for it later."""
        assert len(secret) > 15, what
        self.secrets[what] = secret
        return secret

    def made(self, *arguments: str) -> Any:
        """What a hub command prints as JSON."""
        command = (*HUB, *arguments, "--json")
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.output.write_text(done.stderr)
        return json.loads(done.stdout)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[httpx.AsyncClient]:
        with self.output.open("a") as file:
            process = await asyncio.create_subprocess_exec(
                *HUB, "serve", env=self.environment, cwd=self.folder, stdout=file, stderr=file
            )
        try:
            async with asyncio.timeout(40):
                while self.url not in self.output.read_text():
                    assert process.returncode is None, self.output.read_text()
                    await asyncio.sleep(0.05)
            async with httpx.AsyncClient(base_url=self.url, event_hooks={}) as http:
                yield http
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    async def ask(
        self, http: httpx.AsyncClient, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """A request whose answer is kept; a str body is sent as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body) if isinstance(body, dict) else body
        answer = await http.request(method, path, content=content, headers=named)
        http.cookies.clear()
        self.answers.append(answer)
        return answer

    async def hear(self, hello: Any, *frames: Any) -> None:
        """A socket that says this and listens for a moment."""
        address = f"ws://127.0.0.1:{self.port}/v1/chat/socket?token={self.secrets['visitor token']}"
        async with connect(address, additional_headers={"Origin": self.url}) as wire:
            try:
                for frame in (hello, *frames):
                    await wire.send(frame if isinstance(frame, str) else json.dumps(frame))
                async with asyncio.timeout(1):
                    while True:
                        await wire.recv()
            except (ConnectionClosed, TimeoutError):
                pass


async def live(day: Day) -> None:
    """The day: everything that has to do with a secret, done rightly and wrongly."""
    made = day.made("init", "--workspace", "Kestrel", "--email", WORDS[1], "--password", PASSWORD)
    day.keep("password", PASSWORD)
    day.keep("wrong password", WRONG)
    day.keep("vendor secret", VENDOR)
    key = day.keep("API key", made["api_key"])
    signing = day.keep("Identity secret", made["identity_secret"])
    link = day.keep("sign-in link", made["console_url"].partition("#signin=")[2])
    async with day.served() as http:
        await sign_in(day, http, link)
        session = day.secrets["session by password"]
        own = {"Cookie": f"parley_session={session}; __Host-parley_session={session}"}
        own["Origin"] = day.url
        await manage(day, http, own)
        await chat(day, http, own, made["app_id"], signing)
        await push(day, http, key, made["workspace_id"])
        await fail(day, http, key, own)


async def sign_in(day: Day, http: httpx.AsyncClient, link: str) -> None:
    origin = {"Origin": day.url}
    path = "/console/api/session"
    right = {"email": WORDS[1], "password": PASSWORD}
    opened = await day.ask(http, "POST", path, right, **origin)
    day.keep("session by password", session_in(opened))
    opened = await day.ask(http, "POST", f"{path}/link", {"token": link}, **origin)
    day.keep("session by link", session_in(opened))
    again = await day.ask(http, "POST", f"{path}/link", {"token": link}, **origin)
    assert again.json()["error"]["code"] == "link_used"
    await day.ask(http, "POST", path, {**right, "password": WRONG}, **origin)
    await day.ask(http, "POST", path, {"email": WORDS[1], "password": [PASSWORD]}, **origin)
    await day.ask(http, "POST", path, json.dumps(right)[:-1], **origin)  # broken JSON
    await day.ask(http, "POST", f"{path}?password={PASSWORD}", right, Origin="https://evil.example")


def session_in(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return re.match(r"[\w-]+=(\w+);", answer.headers["set-cookie"])[1]  # type: ignore[index]


async def manage(day: Day, http: httpx.AsyncClient, own: dict[str, str]) -> None:
    key = (
        await day.ask(
            http, "POST", "/console/api/keys", {"name": "x", "scopes": ["records"]}, **own
        )
    ).json()
    day.keep("another API key", key["key"])
    rotated = await day.ask(http, "POST", f"/console/api/keys/{key['id']}/rotate", {}, **own)
    day.keep("rotated API key", rotated.json()["key"])
    await day.ask(http, "POST", "/console/api/identity-secret/reveal", **own)
    rotation = {"keep_hours": 24}
    rotated = await day.ask(http, "POST", "/console/api/identity-secret/rotate", rotation, **own)
    day.keep("rotated Identity secret", rotated.json()["secret"])
    check = {"user_id": "42", "user_hash": day.secrets["Identity secret"]}  # pasted by mistake
    await day.ask(http, "POST", "/console/api/identity-check", check, **own)


async def chat(
    day: Day, http: httpx.AsyncClient, own: dict[str, str], app_id: str, signing: str
) -> None:
    opened = await day.ask(http, "POST", "/v1/chat/session", {"widget": app_id})
    token = day.keep("visitor token", opened.json()["token"])
    proof = {"Authorization": f"Bearer {token}"}
    signed = hmac.new(signing.encode(), b"42", hashlib.sha256).hexdigest()
    day.keep("user_hash", signed)
    now = int(time.time())
    claims = {"sub": "42", "aud": app_id, "exp": now + 300}
    long = day.keep("user_token", jwt.encode(claims, signing, "HS256"))
    bad = day.keep("bad user_token", jwt.encode({**claims, "exp": now - 9}, signing, "HS256"))
    for said in (
        {"user_id": "41", "user_hash": signed},
        {"user_id": "42", "user_hash": signed.upper()},
        {"user_token": bad},
        {"user_id": "42", "user_hash": signed, "name": WORDS[0], "email": WORDS[1]},
        {"user_token": long},
    ):
        await day.ask(http, "POST", "/v1/chat/identify", said, **proof)
    ticket = (await day.ask(http, "POST", "/console/api/ticket", **own)).json()["ticket"]
    day.keep("socket ticket", ticket)
    talk = {"type": "send", "id": "message-1", "conversation": "a-long-talk", "text": WORDS[2]}
    await day.hear({"type": "hello", "token": token}, talk, {"type": "send", "token": token})
    await day.hear({"type": "hello", "ticket": ticket}, json.dumps(talk)[:-1])
    await day.hear({"type": "hello", "ticket": ticket})  # used
    await day.hear(f'{{"type":"hello","token":"{token}"')
    frames = [{"type": "hello", "token": token}, {"type": "typing", "conversation": token}]
    await day.ask(http, "POST", "/v1/chat/poll", {"frames": frames}, **proof)
    await day.ask(http, "GET", f"/v1/chat/conversations/{token}/messages?after={token}", **proof)
    await day.ask(http, "GET", f"/widget/app?id={app_id}&token={token}")
    await day.ask(http, "DELETE", "/v1/chat/session", **proof)
    await day.ask(http, "GET", "/v1/chat/conversations", **proof)  # dead


async def push(day: Day, http: httpx.AsyncClient, key: str, workspace_id: str) -> None:
    proof = {"Authorization": f"Bearer {key}"}
    path = "/v1/chat/ingest/identify"
    person = {"external_id": "42", "name": WORDS[0], "email": WORDS[1]}
    await day.ask(http, "POST", path, person, **proof, Idempotency_Key="push-1")
    await day.ask(http, "POST", path, json.dumps({"external_id": key})[:-1], **proof)
    await day.ask(http, "POST", path, {"external_id": [key]}, **proof)
    await day.ask(http, "POST", f"{path}?key={key}", person)  # in the address, where it is not read
    await day.ask(http, "POST", path, person, Authorization=f"Basic {key}")
    await day.ask(http, "POST", path, person, Authorization=f"Bearer {key}x")
    body = b'{"order": 7, "paid": true}'
    signature = hmac.new(VENDOR.encode(), body, hashlib.sha256).hexdigest()
    day.keep("webhook signature", signature)
    hook = f"/careless/webhook?for={workspace_id}"
    await day.ask(http, "POST", hook, body, X_Signature=signature)
    await day.ask(http, "POST", hook, body + b" ", X_Signature=signature)


async def fail(day: Day, http: httpx.AsyncClient, key: str, own: dict[str, str]) -> None:
    failed = await day.ask(http, "GET", "/careless/fail", Authorization=f"Bearer {key}", **own)
    assert failed.status_code == 500
    for path in (
        "/",
        "/console",
        "/console/settings",
        f"/console/{key}",
        f"/nothing/{key}",
        "/docs",
    ):
        await day.ask(http, "GET", path, **own)
    await day.ask(http, "TRACE", f"/{key}", **own)
    await asyncio.sleep(1.5)  # the webhook's handler fails meanwhile
    await day.ask(http, "DELETE", "/console/api/session", **own)


# What must not be anywhere ----------------------------------------------------------------------


def spellings(secret: str) -> set[str]:
    """How a secret may be written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {
        secret,
        quote(secret, safe=""),
        encoded,
        secret.encode().hex(),
        json.dumps(secret)[1:-1],
    }


def found_in(text: str, secrets: dict[str, str]) -> list[str]:
    return [what for what, one in secrets.items() if any(s in text for s in spellings(one))]


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_V7_D_4_no_secret_in_logs_headers_pages_or_the_database(
    tmp_path: Path, log_format: str
) -> None:
    day = Day(tmp_path, log_format)
    await live(day)

    said = day.output.read_text()
    for line in ("request_failed", "RuntimeError", "the vendor does not know"):
        assert line in said  # it was not simply silent
    assert found_in(said, day.secrets) == []
    assert [word for word in WORDS if word in said] == []

    for answer in day.answers:
        head = "\n".join(f"{n}: {v}" for n, v in answer.headers.items() if n != "set-cookie")
        assert found_in(head, day.secrets) == [], answer.request.url
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
        is_page = "html" in answer.headers.get("content-type", "")
        if is_page or answer.status_code >= 400:
            assert found_in(answer.text, day.secrets) == [], (answer.request.url, answer.text)

    for file in (tmp_path / "data").iterdir():
        assert found_in(file.read_bytes().decode("latin-1"), day.secrets) == [], file
    assert (tmp_path / "data/secret.key").stat().st_mode & 0o077 == 0
