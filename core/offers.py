"""Offers: shops that were installed from the vendor's side and wait for a workspace to claim them.

Whoever opened the app in the shop has proven to be its staff and is given the offer; whoever
brings it as an admin of a workspace has the shop connected there. It is good once, for a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from pydantic import BaseModel
from sqlalchemy import BigInteger, Text, delete, select
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.connections import ConnectionRow, connect, revealed, to_settings
from core.connector import ConnectionDraft, Connector
from core.crypto import Place, Vault, hash_token
from core.db import Work, table_of
from core.errors import NotFound
from core.ids import new_id, random_text
from core.syncs import ask_for_sync
from core.views import View

LIFE = int(timedelta(hours=24).total_seconds() * 1000)
GONE = "This offer has been used or has expired. Open the app in the shop once more."


class ConnectionOffer(SQLModel, table=True):
    """A shop with its keys, sealed; of no workspace yet."""

    __tablename__ = "connection_offers"

    id: str = Field(primary_key=True)
    connector: str
    shop: str = Field(index=True)
    title: str
    token_hash: str = Field(unique=True)
    sealed: str = Field(sa_type=Text)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class OfferView(View):
    """What an admin sees before they claim a shop."""

    connector: str
    shop: str
    title: str


_offers = table_of(ConnectionOffer)


def make_offer(work: Work, vault: Vault, connector: str, draft: ConnectionDraft) -> str:
    """The token that claims a proven shop; an older offer of the same shop is dead."""
    same = (_offers.c.connector == connector) & (_offers.c.shop == draft.shop)
    work.execute(delete(_offers).where(same | (_offers.c.expires_at <= work.now)))
    token, id_ = random_text(40), new_id("off")
    work.add(
        ConnectionOffer(
            id=id_,
            connector=connector,
            shop=draft.shop,
            title=draft.title,
            token_hash=hash_token(token),
            sealed=vault.seal(_packed(draft), _place(id_)),
            expires_at=work.now + LIFE,
        )
    )
    return token


def offered(work: Work, token: str) -> OfferView:
    """What an offer is of; NotFound once it is claimed or too old."""
    row = _find(work, token)
    return OfferView(connector=row.connector, shop=row.shop, title=row.title)


def claim(
    work: Work, vault: Vault, by: Principal, connectors: Mapping[str, Connector], token: str
) -> ConnectionRow:
    """Connect an offered shop to the claimer's workspace and ask for its first sync.

    Conflict `shop_taken` if another workspace was faster; then the offer stays as it is.
    """
    row = _find(work, token, lock=True)
    connector = connectors.get(row.connector)
    if connector is None:
        raise NotFound(f"The plugin for {row.connector} is not on.")
    draft = _unpacked(vault.open(row.sealed, _place(row.id)), row, connector.settings)
    made = connect(work, vault, by, row.connector, draft)
    ask_for_sync(work, made.workspace_id, made.id, "full")
    work.execute(delete(_offers).where(_offers.c.id == row.id))
    return made


def trim(work: Work) -> int:
    """Forget the offers nobody claimed, keys and all; how many."""
    return work.execute(delete(_offers).where(_offers.c.expires_at <= work.now)).rowcount


def _find(work: Work, token: str, *, lock: bool = False) -> ConnectionOffer:
    query = select(ConnectionOffer).where(
        _offers.c.token_hash == hash_token(token), _offers.c.expires_at > work.now
    )
    row = work.session.scalars(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(GONE)
    return row


def _packed(draft: ConnectionDraft) -> str:
    kept = {
        "short_name": draft.short_name,
        "settings": revealed(draft.settings),
        "details": dict(draft.details),
    }
    return msgspec.json.encode(kept).decode()


def _unpacked(plain: str, row: ConnectionOffer, model: type[BaseModel]) -> ConnectionDraft:
    kept = msgspec.json.decode(plain)
    return ConnectionDraft(
        shop=row.shop,
        title=row.title,
        short_name=kept["short_name"],
        settings=to_settings(model, kept["settings"]),
        details=kept["details"],
    )


def _place(id_: str) -> Place:
    return Place("", "connection_offers", "sealed", id_)
