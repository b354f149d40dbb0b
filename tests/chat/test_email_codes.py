"""A code sent to an address proves that address, to one browser, and finds its customers alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop, Visitor
from core import step_up
from core.customers import CustomerDraft, save_customer
from core.db import Work
from core.step_up import proven_customers
from core.visitors import visitor
from hub.mail import sender
from tests.mailbox import Mailbox, open_mailbox

pytestmark = pytest.mark.anyio
AMARA = "amara@posteo.example"


@pytest.fixture
async def mail(hub: RunningHub) -> AsyncIterator[Mailbox]:
    async with open_mailbox() as box:
        hub.hub.services.send_mail = sender(box.url, "")
        yield box


async def ask(visitor: Visitor, email: str = AMARA, locale: str = "") -> Any:
    return await visitor.request("POST", "/v1/chat/email-code", {"email": email, "locale": locale})


async def check(visitor: Visitor, code: str) -> Any:
    return await visitor.request("POST", "/v1/chat/email-code/check", {"code": code})


async def customers_of(shop: Shop, browser: Visitor) -> tuple[str, ...]:
    def look(work: Work) -> tuple[str, ...]:
        return proven_customers(work, visitor(work, shop.workspace_id, browser.id))

    return await shop.hub.hub.db.read(look)


async def known(shop: Shop, external_id: str, email: str) -> str:
    def save(work: Work) -> str:
        draft = CustomerDraft(external_id, {"email": email})
        return save_customer(work, shop.workspace_id, "customer_data", draft)[0].id

    return await shop.hub.hub.db.write(save)


async def test_A7_a_code_proves_the_address_it_was_sent_to(shop: Shop, mail: Mailbox) -> None:
    mine = await known(shop, "42", "Amara@Posteo.example")
    await known(shop, "43", "ruben@posteo.example")
    browser = await shop.visitor()
    answer = await ask(browser)
    assert (answer.status_code, answer.json()) == (
        202,
        {"sent_to": "a•••a@posteo.example", "again_in": 60},
    )
    assert mail.recipients == [AMARA]
    assert mail.messages[0]["From"] == "Kestrel <chat@kestrel.example>"
    assert await customers_of(shop, browser) == ()
    proven = (await check(browser, mail.codes()[0])).json()
    assert (proven["assurance"], proven["token"]) == ("email", browser.token)
    assert await customers_of(shop, browser) == (mine,)


async def test_A7_a_code_is_for_one_browser_one_use_and_three_tries(
    shop: Shop, mail: Mailbox
) -> None:
    mine, other = await shop.visitor(), await shop.visitor()
    await ask(mine)
    (code,) = mail.codes()
    assert (await check(other, code)).status_code == 409
    wrong = "000000" if code != "000000" else "111111"
    refused = await check(mine, wrong)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "wrong_code")
    assert refused.json()["error"]["message"] == "This is not the code. 2 more tries."
    assert (await check(mine, f" {code} ")).status_code == 200
    assert (await check(mine, code)).status_code == 409
    await ask(mine)
    code = mail.codes()[-1]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(3):
        assert (await check(mine, wrong)).status_code == 422
    late = await check(mine, code)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "code_over")


async def test_A7_a_code_ends_after_ten_minutes_and_when_another_is_sent(
    shop: Shop, mail: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await shop.visitor()
    await ask(browser)
    await ask(browser)
    first, second = mail.codes()
    if first != second:
        assert (await check(browser, first)).status_code == 422
    monkeypatch.setattr(step_up, "LIFE", -1)
    assert (await check(browser, second)).status_code == 409


async def test_A7_an_address_gets_three_codes_an_hour_whoever_asks(
    shop: Shop, mail: Mailbox
) -> None:
    for _ in range(3):
        assert (await ask(await shop.visitor())).status_code == 202
    late = await ask(await shop.visitor(), AMARA.upper())
    assert late.status_code == 429
    assert 3500 < int(late.headers["retry-after"]) <= 3600
    assert len(mail.messages) == 3
    curious = await shop.visitor()
    for number in range(5):
        assert (await ask(curious, f"nobody{number}@posteo.example")).status_code == 202
    assert (await ask(curious, "nobody6@posteo.example")).status_code == 429


async def test_A7_another_shop_with_the_same_customer_learns_nothing(
    hub: RunningHub, shop: Shop, mail: Mailbox
) -> None:
    other = await hub.shop("Northfold")
    await known(other, "42", AMARA)
    browser = await shop.visitor()
    await ask(browser)
    assert (await check(browser, mail.codes()[0])).status_code == 200
    assert await customers_of(shop, browser) == ()


async def test_A7_a_browser_that_has_proven_one_address_proves_no_other(
    shop: Shop, mail: Mailbox
) -> None:
    browser = await shop.visitor()
    await ask(browser)
    await check(browser, mail.codes()[0])
    other = await ask(browser, "ruben@posteo.example")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "other_address")
    assert mail.recipients == [AMARA]
    assert (await ask(browser)).status_code == 202


@pytest.mark.parametrize(
    "email", ["", "nobody", "a b@c.example", "a@c.example\r\nBcc: x@y.example", "x" * 400]
)
async def test_N1_what_is_no_address_is_refused_and_nothing_is_sent(
    shop: Shop, mail: Mailbox, email: str
) -> None:
    answer = await ask(await shop.visitor(), email)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "email")
    assert mail.messages == []


async def test_a_mail_server_that_says_no_is_told_so(shop: Shop, mail: Mailbox) -> None:
    mail.refuse = True
    answer = await ask(await shop.visitor())
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


async def test_a_hub_without_a_mail_server_offers_no_code(shop: Shop) -> None:
    answer = await ask(await shop.visitor())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_mail")


@pytest.mark.parametrize("locale", ["en", "de-AT", "fr", "es", "pt-BR", "ar", "xx"])
async def test_W23_the_message_is_in_the_visitors_language(
    shop: Shop, mail: Mailbox, locale: str
) -> None:
    await ask(await shop.visitor(), locale=locale)
    (message,) = mail.messages
    code = mail.codes()[0]
    assert message["Subject"].startswith(code)
    assert ("Guten Tag" in message.get_content()) == (locale == "de-AT")
    assert "Kestrel" in message.get_content()
