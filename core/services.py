"""Services: the one object handed to plugins, through which they reach everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

import structlog

from core.crypto import Vault
from core.db import Database, Listener
from core.errors import Refused
from core.inbox import Inbox

if TYPE_CHECKING:
    from core.connector import Connector
    from core.mail import SendMail
    from core.tools import Tool

log = structlog.get_logger("hub")

SignalListener = Callable[[str, bytes], None]  # workspace id, payload


async def _nobody_guards(hook: str, **arguments: Any) -> list[Any]:
    raise Refused(f"Nobody can be asked for {hook} here.")


@dataclass(slots=True)
class Services:
    """What a plugin may use. Data goes through `db` with the functions of `core`'s modules."""

    db: Database
    vault: Vault
    public_url: str
    rate_limits: bool  # off only where an operator says so
    # Sent to every process at once and kept nowhere: typing, presence.
    signal: Callable[[str, bytes], None]
    on_signal: Callable[[SignalListener], None]
    # Called with every process's committed events, in the order of each workspace's log.
    subscribe: Callable[[Listener], None]
    # Ids of the agents of a workspace who are online; chat knows, others may ask.
    online: Callable[[str], frozenset[str]] = lambda workspace_id: frozenset()
    # Private networks that the operator lets the hub call, besides the whole internet.
    outbound_allow: tuple[IPv4Network | IPv6Network, ...] = ()
    # What speaks for each platform, by the name in its manifest.
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    # What the assistant may look up or do, by name.
    tools: Mapping[str, Tool] = field(default_factory=dict)
    # Sends e-mail; None where the operator has set no SMTP_URL.
    send_mail: SendMail | None = None
    # What every plugin's guard says, such as `discount_policy`; Refused if one of them fails.
    guards: Callable[..., Awaitable[list[Any]]] = _nobody_guards
    # Set when the hub is about to stop: whatever keeps a request waiting lets it go.
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    # Where webhooks are stored before they are answered.
    inbox: Inbox = field(init=False)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.db)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run slow work beside the request; a failure is logged under `name`, never lost."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task_failed", task=task.get_name(), error=repr(error))

    async def settle(self) -> None:
        """Cancel what was spawned and wait for it to end; part of a graceful shutdown."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
