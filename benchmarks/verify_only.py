"""The limit of taking webhooks: the same server, the signature verified, nothing kept."""

from __future__ import annotations

import hmac
import sys
from base64 import b64decode
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
OK = b'{"stored":true}'


def app(secret: bytes) -> Callable[..., Awaitable[None]]:
    async def take(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        headers = dict(scope["headers"])
        body = (await receive()).get("body", b"")
        made = hmac.digest(secret, body, "sha256")
        genuine = hmac.compare_digest(made, b64decode(headers[b"x-shopify-hmac-sha256"]))
        length = str(len(OK)).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200 if genuine else 401,
                "headers": [(b"content-type", b"application/json"), (b"content-length", length)],
            }
        )
        await send({"type": "http.response.body", "body": OK})

    return take


if __name__ == "__main__":
    uvicorn.run(
        app(sys.argv[2].encode()),
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
