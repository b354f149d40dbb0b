"""Settings → Install: the snippet's ids, where the widget was seen, and the Identity secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from core.access import ADMIN, AGENT
from core.db import Work
from core.identity_secrets import (
    Diagnosis,
    check_identity,
    current_secret,
    reveal_secret,
    rotate_secret,
    secret_rows,
)
from core.ids import moment
from core.routes import Call, Route
from core.widgets import default_widget, sightings
from core.workspaces import workspace


class Sighting(msgspec.Struct):
    """A page the widget has loaded on."""

    host: str
    path: str
    at: datetime


class Retiring(msgspec.Struct):
    """A secret that was rotated and still works until then."""

    id: str
    expires_at: datetime


class SecretState(msgspec.Struct):
    """The Identity secret, without the secret."""

    id: str
    created_at: datetime
    retiring: list[Retiring]


class Install(msgspec.Struct):
    """What the snippet needs."""

    app_id: str
    widget_id: str
    script_url: str
    sightings: list[Sighting]
    identity_secret: SecretState


class Secret(msgspec.Struct):
    """The Identity secret itself: for a server, never for a browser."""

    secret: str


class Rotation(msgspec.Struct):
    """How long the secrets of before still work; 0 ends them now."""

    keep_hours: Annotated[int, Meta(ge=0, le=24 * 30)] = 24


class ToCheck(msgspec.Struct):
    """What a page sends."""

    user_id: Any = None
    user_hash: Any = None


async def install(call: Call) -> Install:
    """What to paste, and where it was seen."""
    script_url = f"{call.services.public_url}/widget.js"
    return await call.services.db.read(_install, call.workspace_id, script_url)


def _install(work: Work, workspace_id: str, script_url: str) -> Install:
    current = current_secret(work, workspace_id)
    return Install(
        app_id=workspace(work, workspace_id).app_id,
        widget_id=default_widget(work, workspace_id).id,
        script_url=script_url,
        sightings=[
            Sighting(row.host, row.path, moment(row.seen_at))
            for row in sightings(work, workspace_id)
        ],
        identity_secret=SecretState(
            id=current.id,
            created_at=moment(current.created_at),
            retiring=[
                Retiring(row.id, moment(row.expires_at))
                for row in secret_rows(work, workspace_id)
                if row.expires_at is not None
            ],
        ),
    )


async def reveal(call: Call) -> Secret:
    """The current Identity secret; that it was looked at is noted."""
    services = call.services
    return Secret(await services.db.write(reveal_secret, services.vault, call.principal))


async def rotate(call: Call) -> Secret:
    """A new Identity secret; those of before work for `keep_hours` more."""
    services = call.services
    secret = await services.db.write(
        rotate_secret, services.vault, call.principal, call.body.keep_hours
    )
    return Secret(secret)


async def check(call: Call) -> Diagnosis:
    """Whether a page's user_hash is right, and which side is wrong if not."""
    services = call.services
    return await services.db.read(
        check_identity, services.vault, call.workspace_id, call.body.user_id, call.body.user_hash
    )


ROUTES = [
    Route(
        "GET",
        "/console/api/install",
        install,
        AGENT,
        "What to install",
        answer=Install,
        tag="Install",
    ),
    Route(
        "POST",
        "/console/api/identity-secret/reveal",
        reveal,
        ADMIN,
        "Show the Identity secret",
        answer=Secret,
        tag="Install",
    ),
    Route(
        "POST",
        "/console/api/identity-secret/rotate",
        rotate,
        ADMIN,
        "Rotate the Identity secret",
        body=Rotation,
        answer=Secret,
        tag="Install",
    ),
    Route(
        "POST",
        "/console/api/identity-check",
        check,
        AGENT,
        "Check a user_hash",
        body=ToCheck,
        answer=Diagnosis,
        limit=64 * 1024,
        tag="Install",
    ),
]
