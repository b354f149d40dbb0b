"""Access: who is asking, and who may use a route or send a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from core.errors import Forbidden, Unauthenticated

SCOPES = ("identify", "records", "products", "widgets")


class Assurance(IntEnum):
    """How sure we are who a visitor is; every card, tool and panel names the level it needs."""

    ANONYMOUS = 0
    CLAIMED = 1  # a browser said so
    EMAIL = 2  # typed the code we sent to an address
    HMAC = 3  # the shop signed the user id
    TOKEN = 4  # the shop signed a short-lived token


class Role(IntEnum):
    """What an agent may do in a workspace; each role includes those below it."""

    AGENT = 1
    ADMIN = 2
    OWNER = 3


RoleName = Literal["agent", "admin", "owner"]
ROLE_NAMES: dict[Role, RoleName] = {
    Role.AGENT: "agent",
    Role.ADMIN: "admin",
    Role.OWNER: "owner",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, proven by a key, a cookie or a token. The tenant always comes from here."""

    kind: Literal["public", "visitor", "agent", "key"]
    workspace_id: str = ""
    id: str = ""  # of the visitor, agent or API key
    name: str = ""
    avatar_url: str = ""
    session_id: str = ""  # of the agent's browser session
    role: Role | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    assurance: Assurance = Assurance.ANONYMOUS
    customer_id: str | None = None  # the customer a visitor has proven to be


NOBODY = Principal("public")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may pass. A route or frame without one stops the start."""

    public: bool = False
    visitor: Assurance | None = None  # visitors of at least this assurance
    role: Role | None = None  # agents of at least this role
    scope: str | None = None  # API keys with this scope

    def check(self, principal: Principal) -> None:
        """Return if `principal` may pass; otherwise Unauthenticated (nobody) or Forbidden."""
        if self.public or self._admits(principal):
            return
        if principal.kind == "public":
            raise Unauthenticated(self._wanted())
        raise Forbidden(self._reason(principal))

    def _admits(self, principal: Principal) -> bool:
        match principal.kind:
            case "visitor":
                return self.visitor is not None and principal.assurance >= self.visitor
            case "agent":
                return self.role is not None and (principal.role or 0) >= self.role
            case "key":
                return self.scope is not None and self.scope in principal.scopes
        return False

    def _wanted(self) -> str:
        if self.scope:
            return "Send an API key as “Authorization: Bearer wgk_…”."
        return "Sign in first." if self.role else "Start a chat session first."

    def _reason(self, principal: Principal) -> str:
        match principal.kind:
            case "key" if self.scope:
                return f"This API key lacks the scope “{self.scope}”."
            case "agent" if self.role:
                return f"This needs the role {ROLE_NAMES[self.role]}."
            case "visitor" if self.visitor is not None:
                return "Verify who you are to see this."
        return "This is not for you."


PUBLIC = Access(public=True)
VISITOR = Access(visitor=Assurance.ANONYMOUS)
VERIFIED = Access(visitor=Assurance.HMAC)
AGENT = Access(role=Role.AGENT)
ADMIN = Access(role=Role.ADMIN)
OWNER = Access(role=Role.OWNER)


def key(scope: str) -> Access:
    """API keys that carry `scope`."""
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope!r}; there are {', '.join(SCOPES)}")
    return Access(scope=scope)
