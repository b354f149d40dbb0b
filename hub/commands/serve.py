"""`hub serve`: one hub process, from the first connection it takes to the last it lets go."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import resource
import socket
from collections.abc import Callable
from contextlib import suppress

import click
import structlog
import uvicorn
from websockets.exceptions import InvalidState

from hub import __version__
from hub.app import App, create_app
from hub.commands.door import Door, close_late
from hub.logs import configure_logs
from hub.settings import Settings, load_settings

BACKLOG = 2048
FRAME = 64 * 1024 + 1024  # chat takes 64 KiB; the rest lets it say what was wrong with more
KEEP_ALIVE = 75  # seconds; longer than proxies keep an idle connection, so they never race us
NONSENSE = (  # from strangers: refused, and nothing an operator could mend
    "Invalid HTTP request received.",
    "Invalid UTF-8 sequence received from client.",
    "Unsupported upgrade request.",
)
TICKS = 50  # tenths of a second between two looks for requests that never end
LET_GO = 1  # seconds that requests and sockets have to end

log = structlog.get_logger("hub")


@click.command()
def serve() -> None:
    """Run the hub.

    One process: SQLite has one writer. On PostgreSQL start as many as you have cores, each with
    its own PORT.
    """
    settings, listener = open_door()
    app = create_app(settings)
    run(app, listener, lambda: click.echo(f"Parley {__version__}: {settings.public_url}"))


def open_door(**given: object) -> tuple[Settings, socket.socket]:
    """The settings, and the socket they name; browsers that come early wait in its line."""
    settings = load_settings(**given)
    listener = listen(settings.host, settings.port)
    if settings.port == 0:  # the system chose one, and addresses are made of it
        settings = load_settings(**given, port=listener.getsockname()[1])
    configure_logs(settings)
    for concern in settings.concerns():
        log.warning(concern)
    return settings, listener


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or ClickException: one sentence that says what to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        code, reason = error.errno or 0, (error.strerror or str(error)).partition(" (")[0]
    problem = {
        errno.EADDRINUSE: f"Port {port} is taken by another program. "
        f"Choose another one, for example PORT={port + 1}.",
        errno.EACCES: f"Port {port} is for administrators. Choose one above 1023 with PORT=…",
        errno.EADDRNOTAVAIL: f"HOST: {host} is not an address of this machine.",
    }.get(code, f"HOST: cannot listen on “{host}”: {reason}.")
    raise click.ClickException(problem)


def run(app: App, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl+C; `ready` is called when requests are answered."""
    for library in ("uvicorn.error", "asyncio"):
        logging.getLogger(library).addFilter(is_news)
    open_more_files()
    with suppress(KeyboardInterrupt):
        Server(app, ready).run(sockets=[listener])


def open_more_files() -> None:
    """Allow as many open files as the system lets us: each browser is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some systems call it unlimited and do not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def is_news(record: logging.LogRecord) -> bool:
    """Not what a stranger can make uvicorn say as often as they like, with a traceback each time.

    Nor a request that was still on its way at the end: uvicorn says how many, that will do.
    """
    if record.getMessage() in NONSENSE:
        return False
    error = record.exc_info and record.exc_info[1]
    # A websocket that sends nonsense after its own close makes uvicorn trip over its state, and a
    # browser that leaves while it is answered makes it write to a socket that is gone.
    is_theirs = isinstance(error, InvalidState) or "the handler is closed" in str(error)
    return not (is_theirs or isinstance(error, asyncio.CancelledError))


class Server(uvicorn.Server):
    """uvicorn, with the hub started before it takes requests and stopped after the last.

    Not by ASGI's lifespan: it would report a start that fails as a traceback, and it hears of
    the end only when every socket and every long poll is gone.
    """

    def __init__(self, app: App, ready: Callable[[], None]) -> None:
        settings = app.hub.settings
        proxies = [str(network) for network in settings.trusted_proxies]
        super().__init__(
            uvicorn.Config(
                app,
                http=Door,
                loop="uvloop",
                ws="websockets-sansio",
                ws_max_size=FRAME,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                log_level="warning",  # below that it logs addresses with their queries
                access_log=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=LET_GO,
            )
        )
        self._hub = app.hub
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await self._hub.start()
        except BaseException:
            with suppress(Exception):  # whatever was started; its threads would keep us here
                await self._hub.stop()
            raise
        await super().startup(sockets)
        # What is loaded by now stays: looking through it for garbage stopped everybody for 0.1 s.
        gc.freeze()
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0:
            close_late(self.server_state.connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.services.ending.set()  # sockets and long polls end now, not in 25 seconds
        await super().shutdown(sockets)
        await self._hub.stop()
