"""Identity: who a visitor is, from what a browser claims and what the shop has signed.

Only `user_id` is signed. A name, an e-mail or an attribute from a browser is a claim: it is
shown as unverified, it merges nobody and finds no order.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from core import customers, identity_secrets, one_time, visitors
from core.access import Assurance
from core.conversations import give_to_customer
from core.crypto import Vault
from core.db import Work
from core.errors import Invalid, NotFound, Unauthenticated
from core.events import VisitorIdentified
from core.views import AssuranceName
from core.visitors import Claims, Visitor
from core.workspaces import workspace

ASSURANCE_NAMES: dict[Assurance, AssuranceName] = {
    Assurance.ANONYMOUS: "anonymous",
    Assurance.CLAIMED: "claimed",
    Assurance.EMAIL: "email",
    Assurance.HMAC: "hmac",
    Assurance.TOKEN: "token",
}
_NAMED = {name: level for level, name in ASSURANCE_NAMES.items()}
ATTRIBUTES = 50
TICKET_PREFIX = "idt_"
Short = Annotated[str, Meta(max_length=255)]


class Identity(msgspec.Struct, kw_only=True, frozen=True):
    """What a page passes to `SoftbetChat('identify', …)`."""

    user_id: str | int | None = None
    user_hash: Any = None  # anything but 64 lower-case hex digits is simply wrong
    user_token: Any = None
    name: Short | None = None
    email: Short | None = None
    attributes: dict[Short, Any] | None = None


class Session(msgspec.Struct, kw_only=True, frozen=True):
    """A visitor's session as its browser knows it."""

    token: str
    visitor: str
    assurance: AssuranceName
    name: str
    customer: str | None


class Proof(msgspec.Struct, kw_only=True, frozen=True):
    """A user id the shop has signed, and how."""

    user_id: str
    assurance: Assurance
    customer_id: str | None = None  # where the platform has named the customer itself


class Ticket(msgspec.Struct, kw_only=True, frozen=True):
    """What a page passes to `identify` for a customer whom the platform has proven."""

    user_id: str  # the hub's own id of the customer: it tells two of them apart, no more
    user_token: str


def open_session(
    work: Work, vault: Vault, workspace_id: str, identity: Identity | None, locale: str
) -> Session:
    """Start a visitor's session, identified at once if the page knows its user."""
    row, token = visitors.start_visitor(work, workspace_id, locale=locale)
    if identity is not None:
        return identify(work, vault, row, token, identity)
    return to_session(row, token)


def identify(work: Work, vault: Vault, row: Visitor, token: str, identity: Identity) -> Session:
    """Add what the page says to the session, and prove it if it is signed.

    Somebody else than before gets a new session, and the old one ends: on a shared computer
    nothing of the first is left for the second. Unauthenticated `bad_user_hash` or
    `bad_user_token` for a wrong signature, which changes nothing.
    """
    claims = to_claims(identity)
    proof = prove(work, vault, row.workspace_id, identity)
    customer_id = None if proof is None else _proven_customer(work, row.workspace_id, proof)
    if _is_another(work, row, claims, customer_id):
        visitors.sign_out(work, row.workspace_id, row.id)
        row, token = visitors.start_visitor(work, row.workspace_id, locale=row.locale)
    _take(work, row, claims, proof, customer_id)
    return to_session(row, token)


def to_claims(identity: Identity) -> Claims:
    """The unproven part of what a page says, as text within limits."""
    attributes = identity.attributes or {}
    if len(attributes) > ATTRIBUTES:
        raise Invalid(f"At most {ATTRIBUTES} attributes.", field="attributes")
    return Claims(
        user_id=_user_id(identity),
        name=(identity.name or "").strip(),
        email=(identity.email or "").strip(),
        attributes={key: _text(value) for key, value in attributes.items() if value is not None},
    )


def _user_id(identity: Identity) -> str:
    if identity.user_id is None or isinstance(identity.user_id, bool):
        return ""
    text = str(identity.user_id).strip()
    if len(text) > 255:
        raise Invalid("A user id has at most 255 characters.", field="user_id")
    return "" if customers.is_guest(text) else text


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:1000]


def prove(work: Work, vault: Vault, workspace_id: str, identity: Identity) -> Proof | None:
    """The signed user id; None if nothing was signed; Unauthenticated if it is wrong."""
    if isinstance(identity.user_token, str) and identity.user_token.startswith(TICKET_PREFIX):
        return _prove_ticket(work, workspace_id, identity.user_token)
    if identity.user_token is not None:
        return _prove_token(work, vault, workspace_id, identity.user_token)
    if identity.user_hash is None or identity.user_hash == "":
        return None
    user_id = _user_id(identity)
    secrets = identity_secrets.valid_secrets(work, vault, workspace_id)
    if not user_id or not identity_secrets.check_user_hash(secrets, user_id, identity.user_hash):
        raise Unauthenticated(
            "The user_hash does not belong to this user_id. Settings → Install checks which side "
            "is wrong.",
            code="bad_user_hash",
            field="user_hash",
        )
    return Proof(user_id=user_id, assurance=Assurance.HMAC)


def _prove_token(work: Work, vault: Vault, workspace_id: str, token: Any) -> Proof:
    from core.user_tokens import check_user_token  # slow to load, and few shops sign tokens

    secrets = identity_secrets.valid_secrets(work, vault, workspace_id)
    app_id = workspace(work, workspace_id).app_id
    signed = check_user_token(secrets, app_id, token)
    if customers.is_guest(signed.user_id):
        raise Unauthenticated(
            "The user_token names a guest.", code="bad_user_token", field="user_token"
        )
    return Proof(user_id=signed.user_id, assurance=Assurance.TOKEN)


def issue_ticket(work: Work, workspace_id: str, source: str, external_id: str) -> Ticket:
    """A ticket for a customer whom a platform has just named in a signed request.

    It works once, within 90 seconds, in this workspace. A customer we did not know is made.
    """
    customer = customers.customer_by_external_id(
        work, workspace_id, source, external_id, create=True
    )
    token = one_time.issue_token(work, workspace_id, "storefront", customer.id)
    return Ticket(user_id=customer.id, user_token=TICKET_PREFIX + token)


def _prove_ticket(work: Work, workspace_id: str, ticket: str) -> Proof:
    token = ticket.removeprefix(TICKET_PREFIX)
    try:
        issued_in, customer_id = one_time.redeem_token(work, "storefront", token)
        if issued_in != workspace_id:
            raise Unauthenticated("This ticket is another workspace's.")
        customers.customer_for(work, workspace_id, customer_id)  # may have been erased since
    except (Unauthenticated, NotFound) as refusal:
        raise Unauthenticated(
            f"The user_token proves nobody: {refusal.message}",
            code="bad_user_token",
            field="user_token",
        ) from refusal
    return Proof(user_id=customer_id, assurance=Assurance.TOKEN, customer_id=customer_id)


def _proven_customer(work: Work, workspace_id: str, proof: Proof) -> str:
    """The customer of the signed id: the one the shop's server pushes under the same id."""
    if proof.customer_id is not None:
        return proof.customer_id
    return customers.customer_by_external_id(
        work, workspace_id, customers.OWN_SOURCE, proof.user_id, create=True
    ).id


def _is_another(work: Work, row: Visitor, claims: Claims, customer_id: str | None) -> bool:
    if row.customer_id is not None and customer_id is not None:
        return row.customer_id != customer_id
    if row.proven_email and customer_id is not None:
        return not _has_address(work, row, claims, customer_id)
    return row.said().names_another(claims)


def _has_address(work: Work, row: Visitor, claims: Claims, customer_id: str) -> bool:
    """Whether a customer who signs in is who has proven an address in this browser: what was told
    to that address must not become another customer's."""
    profile = customers.customer_for(work, row.workspace_id, customer_id).profile
    said = profile["email"]["value"] if "email" in profile else claims.email
    return str(said).strip().lower() == row.proven_email


def _take(
    work: Work, row: Visitor, claims: Claims, proof: Proof | None, customer_id: str | None
) -> None:
    if proof is not None:  # so that a later claim of somebody else is noticed
        claims = claims.merged(Claims(user_id=proof.user_id))
    row.claim(claims)
    if proof is not None and customer_id is not None:
        row.customer_id = customer_id
        row.assurance = max(row.assurance, proof.assurance)
        give_to_customer(work, row.workspace_id, row.id, customer_id)
    elif row.said():
        row.assurance = max(row.assurance, Assurance.CLAIMED)
    row.last_seen_at = work.now
    work.session.add(row)
    work.session.flush()
    tell_identified(work, row)


def tell_identified(work: Work, row: Visitor) -> None:
    """Announce who a visitor has said or proven to be."""
    work.announce(
        row.workspace_id,
        VisitorIdentified(
            visitor=row.id,
            customer=row.customer_id,
            assurance=ASSURANCE_NAMES[Assurance(row.assurance)],
            name=row.said().name,
        ),
    )


def to_session(row: Visitor, token: str) -> Session:
    """What the browser keeps and shows."""
    return Session(
        token=token,
        visitor=row.id,
        assurance=ASSURANCE_NAMES[Assurance(row.assurance)],
        name=row.said().name,
        customer=row.customer_id,
    )


def assurance_named(name: AssuranceName) -> Assurance:
    """The rung of the ladder that goes by this name on the wire."""
    return _NAMED[name]
