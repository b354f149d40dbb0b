"""`hub export` and `hub erase`, and what a hub at work does when somebody is erased."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from connectors.testing.hubs import RunningHub, Shop
from core.customers import OWN_SOURCE, CustomerDraft, customer_by_external_id, save_customer
from core.db import Database, Work
from core.privacy import erase_customer, find_remains
from core.products import ProductBatch, ProductDraft, save_products
from core.records import RecordBatch, RecordDraft, save_records
from core.visitors import Claims, start_visitor
from core.workspaces import create_workspace
from hub.cli import main
from tests.databases import on

EMAIL, NAME, ORDER = "iris.marlowe@mail.example", "Iris Marlowe", "KC-99120"
TALK = "talk-0001"

Hub = Callable[..., Result]


@pytest.fixture
def hub_(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The command, on a database of either kind."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*arguments: str, code: int = 0, typed: str | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=typed)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    yield run
    structlog.reset_defaults()


async def fill(db: Database, name: str = "Kestrel", source: str = OWN_SOURCE) -> str:
    """A workspace with a customer, a guest's order, a product and a browser that claims."""
    shop = (await db.write(create_workspace, name)).id

    def write(work: Work) -> None:
        profile = {"name": NAME, "email": EMAIL}
        save_customer(work, shop, source, CustomerDraft("cust-7781", profile))
        row, _ = start_visitor(work, shop)
        row.claim(Claims(email=EMAIL.upper(), name="I. M."))

    await db.write(write)
    for of, reference in (("cust-7781", ORDER), ("guest", "KC-GUEST")):
        draft = RecordDraft("order", reference, "Teapot", 1999, "EUR")
        await db.batch(save_records, RecordBatch(shop, source, of, [draft]))
    await db.batch(save_products, ProductBatch(shop, source, [ProductDraft("p1", "Teapot")]))
    return shop


def remains(url: str, shop: str, *words: str) -> list[str]:
    return on(url, lambda db: db.read(find_remains, shop, words))


# The commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [EMAIL.upper(), "cust-7781"])
def test_R5_an_export_is_printed_or_written_for_the_operator_alone(
    hub_: Hub, database_url: str, tmp_path: Path, named: str
) -> None:
    on(database_url, fill)
    (person,) = json.loads(hub_("export", "--customer", named).stdout)["customers"]
    assert person["customer"]["name"] == NAME
    assert [record["reference"] for record in person["records"]] == [ORDER]
    file = tmp_path / "iris.json"
    said = hub_("export", "--customer", named, "--output", str(file)).stdout
    assert said.startswith(f"{file}: 1 customers, ")
    assert EMAIL in file.read_text()
    assert EMAIL not in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = hub_("export", "--customer", named, "--output", str(file), code=1)
    assert again.stderr == f"Error: {file}: File exists\n"


def test_R5_nobody_and_several_workspaces_are_told_in_a_sentence(
    hub_: Hub, database_url: str
) -> None:
    on(database_url, fill)
    for command in (("export",), ("erase", "--yes")):
        refused = hub_(*command, "--customer", "nobody", code=1)
        assert refused.stderr == "Error: There is no customer “nobody”.\n"
    refused = hub_("erase", "--yes", "--customer", "nobody@mail.example", code=1)
    assert refused.stderr == "Error: There is no customer “nobody@mail.example”.\n"
    for wrong in ((), ("--customer", EMAIL, "--source", OWN_SOURCE)):
        refused = hub_("erase", "--yes", *wrong, code=1)
        assert refused.stderr == "Error: Say either --customer or --source.\n"
    on(database_url, lambda db: fill(db, "Northfold"))
    assert "name one with --workspace" in hub_("export", "--customer", EMAIL, code=1).stderr


def test_D_3_erase_asks_and_proves_that_nothing_is_left(hub_: Hub, database_url: str) -> None:
    shop = on(database_url, fill)
    other = on(database_url, lambda db: fill(db, "Northfold"))
    given = ("erase", "--customer", EMAIL, "--workspace", "Kestrel", "--verify")
    asked = hub_(*given, typed="n\n", code=1)
    assert f"{NAME} ({OWN_SOURCE})" in asked.stderr
    assert remains(database_url, shop, EMAIL)
    said = hub_(*given, typed="y\n").stdout
    assert "1 customers" in said
    assert "2 visitors" not in said
    assert "Backups" in said
    assert "Nothing is left" in said
    assert remains(database_url, shop, EMAIL, NAME, ORDER, "cust-7781", "I. M.") == []
    assert remains(database_url, other, EMAIL)
    hub_("erase", "--customer", EMAIL, "--workspace", "Kestrel", "--yes", code=1)


def test_D_3_what_others_wrote_of_the_customer_is_named(hub_: Hub, database_url: str) -> None:
    shop = on(database_url, fill)

    async def gossip(db: Database) -> None:
        draft = CustomerDraft("friend", {}, {"knows": f"Mail {EMAIL}"})
        await db.write(save_customer, shop, OWN_SOURCE, draft)

    on(database_url, gossip)
    result = hub_("erase", "--customer", EMAIL, "--yes", "--verify", code=1)
    assert "Still named in customers.attributes: 1\n" in result.stdout


def test_D_3_all_that_a_source_brought_goes(hub_: Hub, database_url: str) -> None:
    shop = on(database_url, fill)
    asked = hub_("erase", "--source", OWN_SOURCE, typed="y\n")
    assert f"Everything that {OWN_SOURCE} brought is erased." in asked.stdout
    assert remains(database_url, shop, NAME, ORDER, "KC-GUEST", "Teapot", "cust-7781") == []
    assert remains(database_url, shop, EMAIL) != []  # what a browser claims is no source's


def test_D_3_sqlites_file_is_written_anew_if_a_page_still_has_a_word(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr("core.sqlite.PRAGMAS", ())  # as if it deleted carelessly

    async def prepare(db: Database) -> None:
        await fill(db)

    on(sqlite_url, prepare)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with path.open("ab") as file:  # a page that no tree points to
        file.write(EMAIL.encode().ljust(4096, b"\0"))
    result = CliRunner().invoke(main, ["erase", "--customer", EMAIL, "--yes", "--verify"])
    assert "Nothing is left" in result.stdout, result.output + repr(result.exception)
    assert EMAIL.encode() not in path.read_bytes()
    structlog.reset_defaults()


# A hub at work ---------------------------------------------------------------------------------


async def test_D_3_erasing_somebody_who_is_connected_closes_their_sockets_and_logs_nothing(
    hub: RunningHub, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = await shop.agent(name="nadia")
    with capture_logs() as lines:
        profile = {"name": NAME, "email": EMAIL, "phone": "+44 20 7946 0111"}
        order = {"kind": "order", "reference": ORDER, "title": "Teapot"}
        for path, said in (("identify", profile), ("records", {"records": [order]})):
            body = {"external_id": "cust-7781", **said}
            answer = await shop.post(f"/v1/chat/ingest/{path}", body, **{"Idempotency-Key": EMAIL})
            assert answer.status_code == 200, answer.text
        visitor = await shop.visitor(user_id="cust-7781", user_hash=shop.sign("cust-7781"))
        claimed = await shop.visitor(name="Iris", email=EMAIL)
        other = await shop.visitor(name="Bela", email="bela@mail.example")
        async with (
            agent.socket() as console,
            visitor.socket() as widget,
            claimed.socket() as second,
            other.socket() as bystander,
        ):
            await widget.say(f"I am {NAME}, {EMAIL}", TALK)
            await console.say(f"Hello {NAME}, {ORDER} is on its way.", TALK)
            await second.say("me too", "talk-0002")
            await bystander.say("Hello", "talk-0003")
            place = {"epoch": console.welcome["epoch"], "seq": console.welcome["seq"]}
            assert visitor.session["customer"]
            await hub.hub.db.write(erase_customer, shop.workspace_id, visitor.session["customer"])
            assert [await one.closed() for one in (widget, second)] == [4409, 4409]
            told = await console.hear("CustomerErased")
            assert told["customers"] == [visitor.session["customer"]]
            assert set(told["conversations"]) == {TALK, "talk-0002"}
            assert set(told["visitors"]) == {visitor.id, claimed.id}
            await bystander.say("Still here", "talk-0003")
        async with agent.socket(**place) as console:
            assert console.welcome["resumed"]
            await console.hear("CustomerErased")
            await console.hear("MessageAdded", conversation="talk-0003")
            heard = json.dumps(await console.silence())
        gone = await visitor.request("GET", "/v1/chat/conversations")
        assert gone.status_code == 401
        assert (await agent.request("GET", f"/console/api/conversations/{TALK}")).status_code == 404
        listed = await agent.get("/console/api/conversations?tab=all&status=any")
    logged = json.dumps(lines, default=repr) + caplog.text
    for word in (NAME, EMAIL, ORDER, "cust-7781", "7946"):
        for where in (heard, json.dumps(listed), logged):
            assert word not in where
        found = await hub.hub.db.read(find_remains, shop.workspace_id, [word])
        assert found == []


async def test_D_3_who_talks_while_being_erased_is_refused_and_nothing_comes_back(
    hub: RunningHub, shop: Shop
) -> None:
    for round_ in range(5):
        user = f"cust-{round_}"
        visitor = await shop.visitor(user_id=user, user_hash=shop.sign(user))

        async def push(user: str = user) -> Any:
            record = {"kind": "order", "reference": f"{user}-order", "title": "Teapot"}
            return await shop.post(
                "/v1/chat/ingest/records", {"external_id": user, "records": [record]}
            )

        async with visitor.socket() as widget:
            await widget.say("Hello", f"talk-{round_:04}")
            frames = [
                {"type": "send", "id": f"more-{number:04}", "text": "more"} for number in range(30)
            ]
            erasing = asyncio.create_task(
                hub.hub.db.write(
                    erase_customer, shop.workspace_id, visitor.session["customer"] or ""
                )
            )
            pushing = asyncio.create_task(push())
            for number, frame in enumerate(frames):
                talk = f"talk-{round_:04}" if number % 2 else f"new-{round_}-{number:04}"
                try:
                    await widget.send({**frame, "conversation": talk})
                except Exception:
                    break
            assert await widget.closed() in (4409, 1011, 1006)
            await erasing
            assert (await pushing).status_code == 200
        left = await hub.hub.db.read(find_remains, shop.workspace_id, ["more-00", visitor.token])
        assert [line for line in left if "events" not in line] == []
        again = await hub.hub.db.read(customer_by_external_id, shop.workspace_id, OWN_SOURCE, user)
        if again is not None:  # the shop has pushed it anew, after the erasure
            assert again.id != visitor.session["customer"]
