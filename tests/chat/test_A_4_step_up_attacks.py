"""What somebody tries who wants to see another's orders by a code sent to an address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.testing.hubs import RunningHub, Shop
from core import step_up, visitors
from core.db import Work
from core.privacy import erase_customer, export_customer, find_remains
from core.visitors import KEPT_QUIET
from hub.mail import sender
from tests.chat.test_email_codes import AMARA, ask, check, customers_of, known
from tests.mailbox import Mailbox, open_mailbox

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mail(hub: RunningHub) -> AsyncIterator[Mailbox]:
    async with open_mailbox() as box:
        hub.hub.services.send_mail = sender(box.url, "")
        yield box


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ("amara@strasse.example", "amara@straße.example"),  # two owners, two domains
        ("amara@straße.example", "amara@strasse.example"),
        ("sam@posteo.example", "ſam@posteo.example"),
        ("fiona@posteo.example", "ﬁona@posteo.example"),
    ],
)
async def test_A_4_an_address_that_is_spelt_alike_is_another_address(
    shop: Shop, mail: Mailbox, monkeypatch: pytest.MonkeyPatch, theirs: str, mine: str
) -> None:
    await known(shop, "42", theirs)
    browser = await shop.visitor()

    async def keep(_: object) -> None:
        return

    monkeypatch.setattr("secrets.randbelow", lambda _: 123456)
    shop.hub.hub.services.send_mail = keep
    answer = await ask(browser, mine)
    if answer.status_code == 202:
        await check(browser, "123456")
    assert await customers_of(shop, browser) == ()


@pytest.mark.parametrize(
    "spelt",
    ["1,{}", "<{}", "a:{}", "(x){}", '"a"{}', "a;{}", "a<{}>", "{},ruben", "{}.", "a%b!{}"],
)
async def test_A_4_one_mailbox_is_not_flooded_by_spelling_it_otherwise(
    shop: Shop, mail: Mailbox, spelt: str
) -> None:
    answer = await ask(await shop.visitor(), spelt.format(AMARA))
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "email"
    assert mail.recipients == []


async def test_V6_who_signs_in_after_somebody_proved_an_address_sees_nothing_of_it(
    shop: Shop, mail: Mailbox
) -> None:
    await known(shop, "42", AMARA)
    await known(shop, "7", "ruben@posteo.example")
    browser = await shop.visitor()
    await ask(browser)
    await check(browser, mail.codes()[0])
    async with browser.socket() as socket:
        await socket.say("Where is my order?", "amaras-conversation")
    ruben = await browser.request(
        "POST", "/v1/chat/identify", {"user_id": "7", "user_hash": shop.sign("7")}
    )
    assert ruben.status_code == 200
    assert ruben.json()["token"] != browser.token
    seen = await browser.request("GET", "/v1/chat/conversations")
    assert seen.status_code == 401
    headers = {"Authorization": f"Bearer {ruben.json()['token']}"}
    own = await shop.hub.http.get("/v1/chat/conversations", headers=headers)
    assert own.json() == {"items": []}


async def test_V6_who_proved_an_address_and_signs_in_goes_on(shop: Shop, mail: Mailbox) -> None:
    await known(shop, "42", AMARA)
    browser = await shop.visitor(email="Amara@Posteo.example")
    await ask(browser)
    await check(browser, mail.codes()[0])
    again = await browser.request(
        "POST", "/v1/chat/identify", {"name": "Amara", "email": "Amara@Posteo.example"}
    )
    assert (again.json()["token"], again.json()["assurance"]) == (browser.token, "email")
    signed = await browser.request(
        "POST", "/v1/chat/identify", {"user_id": "42", "user_hash": shop.sign("42")}
    )
    assert (signed.json()["token"], signed.json()["assurance"]) == (browser.token, "hmac")


async def test_D_3_erasing_somebody_takes_codes_that_strangers_asked_for(
    shop: Shop, mail: Mailbox
) -> None:
    amara = await known(shop, "42", AMARA)
    await ask(await shop.visitor())

    def erase(work: Work) -> list[str]:
        erase_customer(work, shop.workspace_id, amara)
        return find_remains(work, shop.workspace_id, [AMARA])

    assert await shop.hub.hub.db.write(erase) == []


async def test_R5_a_code_is_forgotten_though_nobody_asks_for_another(
    shop: Shop, mail: Mailbox
) -> None:
    browser = await shop.visitor()
    await ask(browser)

    def trim(work: Work) -> tuple[int, int]:
        work.now += KEPT_QUIET + 60_000
        return step_up.trim(work), visitors.trim(work)

    assert await shop.hub.hub.db.write(trim) == (1, 1)


async def test_A_4_many_browsers_at_once_get_three_codes_to_one_address(
    shop: Shop, mail: Mailbox
) -> None:
    browsers = [await shop.visitor() for _ in range(10)]
    answers = await asyncio.gather(*(ask(one) for one in browsers))
    assert sorted(one.status_code for one in answers) == [202] * 3 + [429] * 7
    assert mail.recipients == [AMARA] * 3


async def test_A_4_many_guesses_at_once_are_three_tries(shop: Shop, mail: Mailbox) -> None:
    browser = await shop.visitor()
    await ask(browser)
    (code,) = mail.codes()
    wrong = [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 11)]
    answers = await asyncio.gather(*(check(browser, one) for one in wrong))
    assert sorted(one.status_code for one in answers) == [409] * 7 + [422] * 3
    assert (await check(browser, code)).status_code == 409


async def test_A_4_a_code_at_the_same_moment_twice_proves_once(shop: Shop, mail: Mailbox) -> None:
    browser = await shop.visitor()
    await ask(browser)
    answers = await asyncio.gather(*(check(browser, mail.codes()[0]) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 5


async def test_A_4_a_proven_address_opens_nobody_elses_conversations(
    shop: Shop, mail: Mailbox
) -> None:
    await known(shop, "42", AMARA)
    signed = await shop.visitor(user_id="42", user_hash=shop.sign("42"), email=AMARA)
    async with signed.socket() as widget:
        await widget.say("My deposit is late.", "signed-conversation")
    first, second = await shop.visitor(), await shop.visitor()
    for browser in (first, second):
        await ask(browser)
        await check(browser, mail.codes()[-1])
    async with first.socket() as widget, second.socket(epoch=None) as other:
        await widget.say("Where is my order?", "proven-conversation")
        await other.say("Hello?", "other-conversation")
        await other.hear("MessageAdded", conversation="other-conversation")
        heard = {frame.get("conversation") for frame in other.heard}
        assert heard & {"signed-conversation", "proven-conversation"} == set()
    for path in ("signed-conversation", "proven-conversation"):
        answer = await second.request("GET", f"/v1/chat/conversations/{path}/messages")
        assert answer.status_code == 404
    listed = (await second.request("GET", "/v1/chat/conversations")).json()
    assert [one["id"] for one in listed["items"]] == ["other-conversation"]
    assert (await second.request("GET", "/v1/chat/activity")).status_code == 403
    replay = await second.request(
        "POST", "/v1/chat/poll", {"epoch": other.welcome["epoch"], "seq": 0}
    )
    assert "My deposit is late." not in replay.text
    assert "Where is my order?" not in replay.text


async def test_D_3_neither_the_code_nor_the_address_is_in_a_log_or_an_event(
    shop: Shop, mail: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    browser, agent = await shop.visitor(), await shop.agent()
    async with agent.socket() as console:
        await ask(browser)
        (code,) = mail.codes()
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        await check(browser, wrong)
        await check(browser, code)
        await console.hear("VisitorIdentified", assurance="email")
        seen = repr(console.heard)
    mail.refuse = True
    assert (await ask(browser)).status_code == 503
    out = "".join(capsys.readouterr())
    for secret in (code, AMARA):
        assert secret not in seen
        assert secret not in out
    assert "request" in out


async def test_D_3_what_was_said_after_a_code_is_exported_with_its_customer_alone(
    shop: Shop, mail: Mailbox
) -> None:
    amara = await known(shop, "42", AMARA)
    nobody = await known(shop, "43", "")
    browser, stranger = await shop.visitor(), await shop.visitor(email=AMARA)
    await ask(browser)
    await check(browser, mail.codes()[0])
    async with browser.socket() as widget, stranger.socket() as other:
        await widget.say("Where is my order?", "proven-conversation")
        await other.say("I say that I am Amara.", "claimed-conversation")

    def export(work: Work, customer: str) -> list[str]:
        found = export_customer(work, shop.workspace_id, customer)
        return [one["id"] for one in found["conversations"]]

    assert await shop.hub.hub.db.read(export, amara) == ["proven-conversation"]
    assert await shop.hub.hub.db.read(export, nobody) == []
