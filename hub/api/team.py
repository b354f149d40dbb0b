"""The team: who answers in this workspace, and who of them is online."""

from __future__ import annotations

import msgspec

from core.access import AGENT, ROLE_NAMES
from core.agents import agents
from core.routes import Call, Route


class Colleague(msgspec.Struct):
    """An agent of the workspace."""

    id: str
    name: str
    email: str
    avatar_url: str
    role: str
    online: bool


class Team(msgspec.Struct):
    items: list[Colleague]


async def list_agents(call: Call) -> Team:
    """Everyone who answers here, by name."""
    online = call.services.online(call.workspace_id)
    members = await call.services.db.read(agents, call.workspace_id)
    return Team(
        [
            Colleague(
                id=member.agent.id,
                name=member.account.name,
                email=member.account.email,
                avatar_url=member.account.avatar_url,
                role=ROLE_NAMES[member.role],
                online=member.agent.id in online,
            )
            for member in members
        ]
    )


ROUTES = [
    Route("GET", "/console/api/agents", list_agents, AGENT, "List agents", answer=Team, tag="Team")
]
