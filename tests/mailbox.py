"""A mailbox: a mail server that takes messages as strictly as RFC 5321 says, and keeps them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

ADDRESS = re.compile(rb"<([^<>\s]+@[^<>\s]+)>")


class Mailbox:
    """What has arrived; `refuse` makes the server say no to everybody."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://chat%40kestrel.example:secret@127.0.0.1:{self.port}"

    def codes(self) -> list[str]:
        """The six-digit codes in the messages' texts, oldest first."""
        return [re.findall(r"^ +(\d{6})\s*$", one.get_content(), re.M)[0] for one in self.messages]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def answer(line: bytes) -> None:
            writer.write(line + b"\r\n")

        answer(b"220 mail.example ESMTP")
        try:
            while line := await reader.readline():
                assert line.endswith(b"\r\n")
                verb = line.split()[0].upper() if line.split() else b""
                match verb:
                    case b"EHLO":
                        writer.write(
                            b"250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n"
                        )
                    case b"AUTH":
                        answer(b"235 2.7.0 Accepted")
                    case b"MAIL":
                        assert ADDRESS.search(line)
                        answer(b"451 Try again later" if self.refuse else b"250 OK")
                    case b"RCPT":
                        (to,) = ADDRESS.findall(line)
                        self.recipients.append(to.decode())
                        answer(b"250 OK")
                    case b"DATA":
                        answer(b"354 Go ahead")
                        body = await reader.readuntil(b"\r\n.\r\n")
                        parsed = message_from_bytes(body[:-3], policy=policy.default)
                        assert isinstance(parsed, EmailMessage)
                        self.messages.append(parsed)
                        answer(b"250 OK")
                    case b"QUIT":
                        answer(b"221 Bye")
                        break
                    case _:
                        answer(b"250 OK")
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    """A mail server on a free port of this machine."""
    box = Mailbox()
    server = await asyncio.start_server(box.talk, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
