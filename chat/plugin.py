"""The chat plugin: live conversations between visitors and agents."""

from __future__ import annotations

from datetime import timedelta

from chat import email_codes
from chat.dialogue import Lobby
from chat.protocol import CLOSE_RESTART, WHO_MAY
from chat.routes import routes
from chat.sockets import ChatSocket
from core import log
from core.health import Health
from core.hookspecs import hookimpl
from core.jobs import Job
from core.plugin import Plugin
from core.routes import Route, SocketRoute
from core.services import Services


class Chat:
    """The hooks of chat, which share one lobby."""

    lobby: Lobby

    @hookimpl
    def register_routes(self, services: Services) -> list[Route | SocketRoute]:
        self.lobby = Lobby(services)
        services.online = self._online
        socket = SocketRoute("/v1/chat/socket", ChatSocket(self.lobby), WHO_MAY)
        return [*routes(self.lobby), *email_codes.routes(), socket]

    def _online(self, workspace_id: str) -> frozenset[str]:
        return frozenset(person.id for person in self.lobby.presences.online(workspace_id))

    @hookimpl
    def register_jobs(self) -> list[Job]:
        return [Job("chat.trim_log", trim_log, every=timedelta(hours=1))]

    @hookimpl
    async def startup(self, services: Services) -> None:
        services.spawn(self.lobby.presences.beat_forever(), "chat.presence")
        services.spawn(self._close_at_the_end(services), "chat.closing")

    async def _close_at_the_end(self, services: Services) -> None:
        """Sockets and long polls end before the server waits for them."""
        await services.ending.wait()
        self._close_all()

    @hookimpl
    async def shutdown(self) -> None:
        self._close_all()

    def _close_all(self) -> None:
        for screen in self.lobby.rooms.everyone():
            screen.close(CLOSE_RESTART)

    @hookimpl
    async def check_health(self) -> Health:
        return Health("chat", ok=True, detail=f"{len(self.lobby.rooms)} screens open")


async def trim_log(services: Services) -> None:
    """Forget events that are too old to resume from, a part at a time."""
    while await services.db.write(log.trim):
        pass


plugin = Plugin(name="chat", version="0.1.0", hooks=Chat)
