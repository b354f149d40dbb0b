"""E-mail codes: how a visitor proves an address, over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from chat.code_mail import code_mail
from core import step_up
from core.access import VISITOR, Principal
from core.crypto import Vault
from core.db import Work
from core.errors import Conflict, HubError
from core.identity import Session, to_session
from core.routes import Answer, Call, Route
from core.workspaces import workspace

AGAIN_IN = 60  # seconds after which the widget offers another code


class Wanted(msgspec.Struct):
    """The address a code is to be sent to, and the language of the message."""

    email: Annotated[str, Meta(max_length=320)]
    locale: Annotated[str, Meta(max_length=35)] = ""


class Sent(msgspec.Struct):
    """Where the code went, and after how many seconds another one may be asked for."""

    sent_to: str
    again_in: int = AGAIN_IN


class Typed(msgspec.Struct):
    code: Annotated[str, Meta(max_length=32)]


async def send_code(call: Call) -> Answer:
    """Send a code; the answer is the same whether any shop knows the address or not."""
    body: Wanted = call.body
    services = call.services
    if services.send_mail is None:
        raise Conflict("This hub sends no e-mail.", code="no_mail")
    code, address, shop = await services.db.write(
        _start, services.vault, call.principal, body.email
    )
    await services.send_mail(code_mail(address, code, shop, body.locale))
    return Answer(Sent(step_up.masked(address)), 202)


def _start(work: Work, vault: Vault, asker: Principal, email: str) -> tuple[str, str, str]:
    code, address = step_up.start(work, vault, asker, email)
    return code, address, workspace(work, asker.workspace_id).name


async def check_code(call: Call) -> Session:
    """Prove the address with the code that was sent to it."""
    token = call.headers.get("authorization", "").partition(" ")[2].strip()
    outcome = await call.services.db.write(
        _check, call.services.vault, call.principal, token, call.body.code
    )
    if isinstance(outcome, HubError):  # after the commit: the try has been counted
        raise outcome
    return outcome


def _check(work: Work, vault: Vault, asker: Principal, token: str, code: str) -> Session | HubError:
    outcome = step_up.check(work, vault, asker, code)
    return outcome if isinstance(outcome, HubError) else to_session(outcome, token)


def routes() -> list[Route]:
    """The routes of proving an address."""
    return [
        Route(
            "POST",
            "/v1/chat/email-code",
            send_code,
            VISITOR,
            "Send a code to an e-mail address",
            body=Wanted,
            answer=Sent,
            status=202,
            rate="session",
            tag="Chat",
        ),
        Route(
            "POST",
            "/v1/chat/email-code/check",
            check_code,
            VISITOR,
            "Prove an e-mail address with the code",
            body=Typed,
            answer=Session,
            rate="session",
            tag="Chat",
        ),
    ]
