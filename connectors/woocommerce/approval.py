"""Approval: the shop's own page, where its administrator agrees and the shop sends us the keys.

The shop posts the keys to us unsigned and names nobody but the `user_id` we left with: a nonce
that stands for one workspace, one shop and one browser session. They are kept sealed until that
very session is back, so nobody collects the keys of a shop whose owner clicked their link. The
link works again after a failure, so within its life a nonce may bring keys several times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from pydantic import SecretStr

from connectors.woocommerce import diagnosis, install
from connectors.woocommerce.hearing import unapprovable
from connectors.woocommerce.pages import bounce
from connectors.woocommerce.settings import (
    NAME,
    ShopSettings,
    checked_key,
    checked_secret,
    shop_of,
)
from core.access import PUBLIC, Principal, Role
from core.connections import active_by_shop
from core.connector import Approval
from core.crypto import Place
from core.db import Work
from core.decode import decode
from core.errors import Conflict, HubError, Invalid, Refused, Unauthenticated, Unavailable
from core.one_time import issue_token, keep_with_token, redeem_token, waiting_token
from core.routes import Answer, Call, Route

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

APP = "Parley"
SCOPE = "read_write"
CALLBACK = "/woocommerce/keys"
RETURN = "/woocommerce/return"
HERE = f"{RETURN}/here"  # the same, asked for by our own page
LIMIT = 16 * 1024  # bytes of a callback
TAKEN = "This shop belongs to another workspace. Disconnect it there first."


class State(msgspec.Struct, frozen=True):
    """What a nonce stands for: who left for which shop, in which browser session."""

    session: str
    url: str
    sealed: str = ""  # the keys, once the shop has sent them


class Told(msgspec.Struct, frozen=True):
    """What the shop posts after an approval; everything in it may be anyone's."""

    user_id: str
    consumer_key: str
    consumer_secret: str
    key_permissions: str


class Pair(msgspec.Struct, frozen=True):
    """A key and its secret, to be sealed."""

    key: str
    secret: str


# Leaving ---------------------------------------------------------------------------------


async def leave(shop: WooCommerce, principal: Principal, url: str) -> Approval:
    """The shop's page for this asker; Invalid where the shop could not answer us."""
    if principal.kind != "agent" or not principal.session_id:
        raise Invalid(
            "Approving needs a browser: connect from Settings → Integrations, or give "
            "consumer_key and consumer_secret.",
            field="values.consumer_key",
        )
    public_url = shop.services.public_url
    if why := unapprovable(public_url, url):
        raise Invalid(why, field="values.consumer_key", code="no_callback")
    await diagnosis.look(shop, url)

    def note(work: Work) -> str:
        known = active_by_shop(work, NAME, shop_of(url))
        if known is not None and known.workspace_id != principal.workspace_id:
            raise Conflict(TAKEN, code="shop_taken")
        subject = msgspec.json.encode(State(principal.session_id, url)).decode()
        return issue_token(work, principal.workspace_id, "state", subject)

    query = {
        "app_name": APP,
        "scope": SCOPE,
        "user_id": await shop.services.db.write(note),
        "return_url": public_url + RETURN,
        "callback_url": public_url + CALLBACK,
    }
    return Approval(f"{url}/wc-auth/v1/authorize?{urlencode(query)}")


# The keys --------------------------------------------------------------------------------


class Keyring:
    """What keeps the keys of shops that are being connected, and gives them out once."""

    def __init__(self, shop: WooCommerce) -> None:
        self._shop = shop

    async def take(self, call: Call) -> Answer:
        """Keep the keys a shop has sent, and say exactly 200: for anything else it deletes them."""
        told = decode(call.body, Told, limit=LIMIT)
        db = self._shop.services.db
        workspace_id, row_id, subject = await db.read(waiting_token, "state", told.user_id)
        state = _state(subject)
        pair = Pair(
            checked_key(told.consumer_key).get_secret_value(),
            checked_secret(told.consumer_secret).get_secret_value(),
        )
        if told.key_permissions != SCOPE:
            raise Invalid("The key must be read_write.", field="key_permissions")
        await self._prove(state.url, pair)
        place = _place(workspace_id, row_id)
        sealed = self._shop.services.vault.seal(msgspec.json.encode(pair).decode(), place)
        kept = msgspec.json.encode(msgspec.structs.replace(state, sealed=sealed)).decode()
        await db.write(keep_with_token, "state", told.user_id, kept)
        return Answer({"stored": True})

    async def _prove(self, url: str, pair: Pair) -> None:
        """Invalid if the keys surely do not open the shop.

        A shop with a single worker cannot answer while it waits for us: it is asked again when
        the merchant is back.
        """
        settings = _settings(url, pair)
        try:
            await diagnosis.opened(self._shop, settings)
        except Unavailable:
            return
        except Refused as error:
            raise Invalid(error.message, field="consumer_key", code=error.code) from None

    async def arrive(self, call: Call) -> Answer:
        """The merchant is back; their session's cookie is not, on the way from another site.

        The cookie is SameSite=Strict, so a page of ours asks for the rest: then it is there.
        """
        if call.principal.kind == "agent":
            return await self.finish(call)
        return bounce(f"{HERE}?{call.query_string}")

    async def finish(self, call: Call) -> Answer:
        """Connect the shop, or say on the console's page why not."""
        shop = ""
        try:
            workspace_id, row_id, state = await self._redeem(call)
            shop = state.url
            if call.query.get("success") != "1":
                return _to_page(problem="denied", shop=shop)
            if not state.sealed:
                return _to_page(problem="no_callback", shop=shop)
            opened = self._shop.services.vault.open(state.sealed, _place(workspace_id, row_id))
            pair = msgspec.json.decode(opened, type=Pair)
            key, secret = SecretStr(pair.key), SecretStr(pair.secret)
            found = await install.draft(self._shop, state.url, key, secret)
            made = await install.join(self._shop, call.principal, found)
            return _to_page(connection=made)
        except Unauthenticated as refusal:
            old = refusal.code in ("ticket_used", "ticket_expired")
            return _to_page(problem="expired" if old else "denied", shop=shop)
        except HubError as refusal:
            return _to_page(problem=refusal.code, shop=shop, detail=refusal.message)

    async def _redeem(self, call: Call) -> tuple[str, str, State]:
        """The state this very browser session left with; Unauthenticated for any other."""
        token = call.query.get("user_id", "")

        def redeem(work: Work) -> tuple[str, str, str]:
            workspace_id, row_id, _ = waiting_token(work, "state", token)
            return workspace_id, row_id, redeem_token(work, "state", token)[1]

        workspace_id, row_id, subject = await self._shop.services.db.write(redeem)
        state, who = _state(subject), call.principal
        same = who.kind == "agent" and who.workspace_id == workspace_id
        if not same or who.session_id != state.session or (who.role or 0) < Role.ADMIN:
            raise Unauthenticated("This approval was begun elsewhere.", code="other_session")
        return workspace_id, row_id, state


def _settings(url: str, pair: Pair) -> ShopSettings:
    return ShopSettings(
        url=url,
        consumer_key=SecretStr(pair.key),
        consumer_secret=SecretStr(pair.secret),
        auth="basic" if url.startswith("https://") else "oauth",
    )


def _state(subject: str) -> State:
    """The state; Unauthenticated for another connector's."""
    try:
        return msgspec.json.decode(subject, type=State)
    except msgspec.DecodeError:
        raise Unauthenticated("This is no approval.", code="other_state") from None


def _place(workspace_id: str, row_id: str) -> Place:
    return Place(workspace_id, "one_time_tokens", "subject", row_id)


def _to_page(**query: str) -> Answer:
    """The console's page for connecting a shop, told how it went."""
    said = {name: value for name, value in query.items() if value}
    return Answer(b"", 302, {"location": f"{install.PAGE}?{urlencode(said)}"}, "text/plain")


def routes(shop: WooCommerce) -> list[Route]:
    """Where the keys come, and where the merchant comes back."""
    ring = Keyring(shop)
    back = "Back from the shop."
    return [
        Route(
            "POST",
            CALLBACK,
            ring.take,
            PUBLIC,
            summary="Take a shop's keys.",
            raw=True,
            limit=LIMIT,
            hidden=True,
        ),
        Route("GET", RETURN, ring.arrive, PUBLIC, back, hidden=True),
        Route("GET", HERE, ring.finish, PUBLIC, back, hidden=True),
    ]
