"""Privacy: what a workspace has of a customer is handed out whole, and erased without a rest."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from core import idempotency, inbox, jobs, messages, talks, visitors
from core.access import Assurance, Principal, Role
from core.agents import add_agent, create_account
from core.audit import AuditEntry, audit, audit_entries, itself
from core.connections import ConnectionRow
from core.customers import OWN_SOURCE, CustomerDraft, customer_by_external_id, save_customer
from core.db import Database, Work, table_of
from core.discount_ledger import Discount
from core.errors import NotFound
from core.events import CustomerErased, Erased, Event, VisitorIdentified, VisitorSignedOut
from core.inbox import Received
from core.log import events_after, head
from core.messages import Draft
from core.migrations.models import metadata
from core.one_time import issue_token
from core.order_actions import OrderAction
from core.privacy import (
    erase_claimed,
    erase_customer,
    erase_records,
    erase_source,
    export_customer,
    find_remains,
)
from core.products import ProductBatch, ProductDraft, save_products, search_products
from core.records import RecordBatch, RecordDraft, RecordRow, save_records
from core.remains import is_in_file, scrub
from core.routes import Answer
from core.talks import Talk, keep_transcript
from core.usages import count_usage
from core.views import ToolStep
from core.workspaces import create_workspace

STORE = "teashop:kestrel"
EMAIL, PHONE, ID, ORDER = "Anna.Wren@mail.example", "+44 20 7946 0958", "880042", "ORD-771204"
PROFILE = {
    "name": "Änna Wrenfield",
    "email": EMAIL,
    "username": "wren_anna",
    "avatar_url": "https://pictures.example/wren.png",
    "phone": PHONE,
    "address": "7 Teapot Lane, Wrenham",
}
SAID = {  # what is said and seen, field by field
    "attribute": "prefers smoked wrentea",
    "claim": "claims wrenhood",
    "page": "https://shop.example/gift-for-wrenna",
    "title": "A gift for Wrenna",
    "text": "Where is my wrenbox?",
    "answer": "Your wrenparcel is on its way.",
    "note": "She is a wrencritic.",
    "order": "A wrenpot with a lid",
    "address": "https://shop.example/status/wrenstatus",
    "looked up": "wrentea, smoked",
    "withheld": "The wrenprice is a secret.",
    "summary": "Wants her wrenbox.",
}
WORDS = [EMAIL, PHONE, ID, ORDER, *PROFILE.values(), *SAID.values()]


class Person:
    """A customer with something in every place that keeps something of customers."""

    def __init__(self, db: Database, shop: str, source: str = STORE) -> None:
        self.db, self.shop, self.source = db, shop, source
        self.id = ""

    async def lives(self) -> Person:
        await self.db.write(self._is_known)
        await self.db.batch(save_records, self._orders("0"))  # as a guest, then as herself
        await self.db.batch(save_records, self._orders(ID, status="paid"))
        await self.db.batch(save_records, self._orders(ID, status="shipped"))
        visitor = await self.db.write(self._browses)
        self.agent = await self.db.write(self._is_served)
        for author, id_, text, kind in (
            (visitor, "message-1", SAID["text"], "text"),
            (self.agent, "message-2", SAID["answer"], "text"),
            (self.agent, "message-3", SAID["note"], "note"),
        ):
            said = await self.db.batch(messages.say, Draft(author, "talk-0001", id_, text, kind))
            assert said.conversation_id == "talk-0001"
        for name, body in self.deliveries().items():
            await self.db.batch(inbox.store, self._received(name, json.dumps(body).encode()))
        await self.db.write(self._is_helped)
        await self.db.write(self._leaves_traces)
        return self

    def _is_known(self, work: Work) -> None:
        draft = CustomerDraft(ID, dict(PROFILE), {"taste": SAID["attribute"]})
        self.id = save_customer(work, self.shop, self.source, draft)[0].id

    def _orders(self, of: str, **said: Any) -> RecordBatch:
        draft = RecordDraft("order", ORDER, SAID["order"], 1999, "EUR", url=SAID["address"], **said)
        return RecordBatch(self.shop, self.source, of, [draft])

    def _browses(self, work: Work) -> Principal:
        row, self.token = visitors.start_visitor(work, self.shop, locale="en")
        row.claim(
            visitors.Claims(user_id=ID, name=PROFILE["name"], attributes={"a": SAID["claim"]})
        )
        row.customer_id, row.assurance = self.id, int(Assurance.HMAC)
        visitors.note_page(work, self.shop, row.id, SAID["page"], SAID["title"])
        work.session.flush()
        self.visitor = row.id
        # From before she had proven to be a customer.
        said = VisitorIdentified(visitor=row.id, name=SAID["claim"], assurance="claimed")
        work.announce(self.shop, said)
        return visitors.to_principal(row)

    def _is_served(self, work: Work) -> Principal:
        account = create_account(work, f"nadia@{self.shop.lower()}.example", "Nadia", "none")
        member = add_agent(work, itself(self.shop), account, Role.AGENT)
        return Principal("agent", self.shop, member.agent.id, "Nadia", role=Role.AGENT)

    def _is_helped(self, work: Work) -> None:
        """By the assistant, until it passes her on."""
        talk = {"workspace_id": self.shop, "conversation_id": "talk-0001"}
        step = ToolStep(
            tool="x", arguments={"words": SAID["looked up"]}, outcome="found", said="", ms=1
        )
        said = talks.Answer(text="", engine="x", steps=(step,), withheld=SAID["withheld"])
        keep_transcript(work, (self.shop, "talk-0001"), "message-2", said)
        work.add(
            Talk(
                **talk, visitor_id=self.visitor, question=SAID["text"], why="asked",
                reason=SAID["text"], summary=SAID["summary"], handed_at=1, updated_at=1,
            )
        )  # fmt: skip
        count_usage(work, self.shop, self.visitor, answers=1)

    def deliveries(self) -> dict[str, Any]:
        return {
            "customers/update": {"id": 880042, "first_name": PROFILE["name"], "email": EMAIL},
            "orders/paid": {"name": ORDER, "destination": {"street": PROFILE["address"]}},
            "carts/update": {"buyer": {"phone": PHONE}, "note": SAID["text"]},
            "customers/redact": {"customer": {"id": 880042}, "to": f"<{EMAIL.upper()}>"},
        }

    def _received(self, topic: str, body: bytes) -> Received:
        headers = {"X-Of": EMAIL}
        return Received(self.shop, self.source, "con_1", topic, body, headers, f"d {topic}")

    def _leaves_traces(self, work: Work) -> None:
        jobs.enqueue(work, "teashop.fetch", workspace_id=self.shop, key=self.id, customer=ID)
        jobs.enqueue(work, "teashop.mail", workspace_id=self.shop, key=f"to {EMAIL}", text="Hello")
        for key, body in (("one", {"customer": self.id}), (f"push-{ORDER}", {"ok": True})):
            asked = idempotency.repeatable(self.shop, "POST /v1/x", key, b"")
            idempotency.once(work, asked, lambda _, body=body: Answer(body))
        by, visitor = itself(self.shop), Principal("visitor", self.shop, self.visitor, "Änna")
        audit(work, by, "customer.renamed", self.id, {"name": "A"}, {"name": PROFILE["name"]})
        audit(work, by, "order.refunded", ORDER, after={"to": EMAIL, "by": "card"})
        audit(work, visitor, "code.asked", "x", address="192.0.2.77")
        issue_token(work, self.shop, "ticket", f"{self.source} {ID}")


async def dump(db: Database, shop: str) -> dict[str, Counter[str]]:
    """Every row of a workspace, by table."""

    def read(work: Work) -> dict[str, Counter[str]]:
        return {
            table.name: Counter(
                repr(tuple(row))
                for row in work.execute(select(table).where(table.c.workspace_id == shop))
            )
            for table in metadata().sorted_tables
            if "workspace_id" in table.c
        }

    return await db.read(read)


async def left(db: Database, shop: str, words: list[str] = WORDS) -> list[str]:
    return await db.read(find_remains, shop, words)


async def bystander(db: Database, shop: str) -> None:
    """Somebody else, whose things look alike, a letter shorter."""

    def write(work: Work) -> None:
        profile = {"name": "Bela", "email": EMAIL[1:]}
        row = save_customer(work, shop, STORE, CustomerDraft(ID[1:], profile))[0]
        browser, _ = visitors.start_visitor(work, shop)
        browser.customer_id = row.id
        # She has proven to be Bela, whatever else her browser says.
        browser.claim(visitors.Claims(email=EMAIL.replace("Anna", "Berta")))
        work.session.flush()
        audit(work, itself(shop), "customer.renamed", row.id, after={"name": "Bela"})

    await db.write(write)
    draft = RecordDraft("order", ORDER[:-1], "Other", 1, "EUR")
    await db.batch(save_records, RecordBatch(shop, STORE, ID[1:], [draft]))
    body = json.dumps({"customer": {"id": int(ID[1:])}, "quantity": 42}).encode()
    await db.batch(inbox.store, Received(shop, STORE, "con_1", "orders/paid", body))


# Erasing -------------------------------------------------------------------------------------


async def test_D_3_nothing_of_an_erased_customer_is_left(
    db: Database, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.traces.PART", 2)  # rows read at once
    person = await Person(db, shop).lives()
    before = {line.partition(":")[0] for line in await left(db, shop)}
    assert before >= {
        *("customers.profile", "customers.attributes", "customers.name_key", "records.reference"),
        *("visitors.claims", "visitors.page", "visitors.claimed_key", "messages.text"),
        *("conversations.last_text", "events.body", "inbox.body", "inbox.headers", "jobs.args"),
        *("jobs.key", "idempotency_keys.key", "audit_entries.after", "audit_entries.target"),
        *("one_time_tokens.subject", "customers.email_key", "records.title", "messages.cards"),
    } - {"messages.cards"}
    gone = await db.write(erase_customer, shop, person.id)
    assert await left(db, shop) == []
    assert await left(db, shop, [person.token, "192.0.2.77"]) == []
    assert (
        gone.counts.items()
        >= {
            **{"customers": 1, "visitors": 1, "conversations": 1, "messages": 3, "records": 1},
            **{"inbox": 4, "jobs": 2, "idempotency_keys": 2, "one_time_tokens": 1},
        }.items()
    )


async def test_D_3_T2_the_same_person_in_another_workspace_stays(db: Database, shop: str) -> None:
    other = (await db.write(create_workspace, "Other shop")).id
    person = await Person(db, shop).lives()
    await Person(db, other).lives()
    before = await dump(db, other)
    await db.write(erase_customer, shop, person.id)
    assert await dump(db, other) == before
    with pytest.raises(NotFound):
        await db.read(export_customer, other, person.id)
    assert (await db.write(erase_customer, other, person.id)).counts == {}
    assert await dump(db, other) == before


async def test_D_3_everybody_else_of_the_workspace_stays(db: Database, shop: str) -> None:
    await bystander(db, shop)
    before = await dump(db, shop)
    person = await Person(db, shop).lives()
    await db.write(erase_customer, shop, person.id)
    after = await dump(db, shop)
    for table, rows in before.items():
        assert rows <= after[table], table


async def test_D_3_the_log_has_a_stone_for_every_event_that_is_gone(
    db: Database, shop: str, heard: list[Event]
) -> None:
    person = await Person(db, shop).lives()
    told = len(heard)
    await db.write(erase_customer, shop, person.id)
    entries = await db.read(events_after, shop, 0)
    _, newest = await db.read(head, shop)
    assert [entry.seq for entry in entries] == list(range(1, newest + 1))
    assert {type(entry.event) for entry in entries[:told]} == {Erased}
    assert heard[told:] == [
        VisitorSignedOut(visitor=person.visitor),
        CustomerErased(
            customers=(person.id,), visitors=(person.visitor,), conversations=("talk-0001",)
        ),
    ]


async def test_D_3_erasing_again_does_nothing(db: Database, shop: str, heard: list[Event]) -> None:
    person = await Person(db, shop).lives()
    await db.write(erase_customer, shop, person.id)
    before, told = await dump(db, shop), len(heard)
    assert (await db.write(erase_customer, shop, person.id)).counts == {}
    assert await dump(db, shop) == before
    assert len(heard) == told


async def test_D_3_the_audit_log_says_that_it_was_done_and_of_nobody(
    db: Database, shop: str
) -> None:
    person = await Person(db, shop).lives()
    by = Principal("agent", shop, "agt_1", "Nadia")
    await db.write(lambda work: erase_customer(work, shop, person.id, by=by))
    entries = {entry.action: entry for entry in await db.read(audit_entries, shop)}
    erased = entries["customer.erased"]
    assert (erased.actor_name, erased.target, erased.after["messages"]) == ("Nadia", person.id, 3)
    for action, target in (("customer.renamed", person.id), ("order.refunded", "erased")):
        found = entries[action]
        assert (found.target, found.before, found.after) == (target, {}, {"erased": True})
        assert found.actor_name == "Parley"
    asked = entries["code.asked"]
    assert (asked.actor_name, asked.address) == ("", "")


async def test_D_3_an_emptied_webhook_is_not_taken_in_again(db: Database, shop: str) -> None:
    person = await Person(db, shop).lives()
    (row,) = await db.write(inbox.queue.claim, "lease", [STORE], 1)  # one is at work
    await db.write(erase_customer, shop, person.id)
    await db.batch(inbox.queue.settle, inbox.queue.outcome(row, "waiting", f"No, {EMAIL}"))
    for name, body in person.deliveries().items():
        await db.batch(inbox.store, person._received(name, json.dumps(body).encode()))
    assert await left(db, shop) == []
    assert await db.write(inbox.queue.claim, "lease", [STORE]) == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"customer": {"id": 42}}, True),
        ({"line": {"id": 42}, "quantity": 42}, False),
        ({"order": {"customer_id": "42"}}, True),
        ({"total": "42"}, False),
        ({"note": "42 cups"}, False),
    ],
)
async def test_D_3_a_short_id_counts_only_where_a_customer_is_meant(
    db: Database, shop: str, body: Any, named: bool
) -> None:
    row = await db.write(lambda work: save_customer(work, shop, STORE, CustomerDraft("42"))[0].id)
    raw = json.dumps(body).encode()
    await db.batch(inbox.store, Received(shop, STORE, "con_1", "orders/paid", raw))
    gone = await db.write(erase_customer, shop, row)
    assert gone.counts.get("inbox", 0) == named


async def test_D_3_browsers_that_claim_to_be_the_customer_go_too(db: Database, shop: str) -> None:
    await bystander(db, shop)

    def claim(work: Work, **claims: str) -> str:
        row, _ = visitors.start_visitor(work, shop)
        row.claim(visitors.Claims(**claims))
        work.session.flush()
        text = f"Wrenclaim of {claims}"
        said = messages.say(work, [Draft(visitors.to_principal(row), row.id, "message-1", text)])
        assert said[0].seq == 1
        return row.id

    person = Person(db, shop, OWN_SOURCE)
    await db.write(person._is_known)
    by_mail = await db.write(lambda work: claim(work, name="A", email=EMAIL.lower()))
    by_id = await db.write(lambda work: claim(work, user_id=ID))
    another = await db.write(lambda work: claim(work, email=EMAIL[1:], user_id=ID[1:]))
    longer = await db.write(lambda work: claim(work, email=f"x{EMAIL}", user_id=f"{ID}0"))
    proven = await db.write(lambda work: claim(work, email=EMAIL))
    bela = (await db.read(customer_by_external_id, shop, STORE, ID[1:])).id

    def prove(work: Work) -> None:
        visitors.visitor(work, shop, proven).customer_id = bela

    await db.write(prove)
    await db.write(erase_customer, shop, person.id)
    assert await left(db, shop, ["'name': 'A'"]) == []  # neither said nor logged
    expected = {by_mail: False, by_id: False, another: True, proven: True, longer: True}
    for visitor_id, stays in expected.items():
        found = await db.read(
            lambda work, id_=visitor_id: work.session.get(visitors.Visitor, (shop, id_))
        )
        assert (found is not None) is stays
    assert (await db.write(erase_claimed, shop, EMAIL[1:].upper())).counts["messages"] == 1
    assert (await db.write(erase_claimed, shop, EMAIL)).counts == {}


async def test_D_3_a_guests_records_are_erased_by_the_sources_references(
    db: Database, shop: str
) -> None:
    await bystander(db, shop)
    before = await dump(db, shop)
    person = Person(db, shop)
    await db.batch(save_records, person._orders("0", status="paid"))
    await db.batch(save_records, person._orders("0", status="shipped"))
    await db.batch(save_records, RecordBatch(shop, "other", "0", person._orders("0").drafts))
    body = json.dumps(person.deliveries()["orders/paid"]).encode()
    await db.batch(inbox.store, person._received("orders/paid", body))
    gone = await db.write(erase_records, shop, STORE, [ORDER, "not there"])
    assert (gone.counts["records"], gone.counts["events"], gone.counts["inbox"]) == (1, 2, 1)
    assert set(await left(db, shop)) == {  # of the other source's order of the same name
        *("records.reference: 1", "records.title: 1", "records.url: 1", "events.body: 1"),
    }
    assert (await db.write(erase_records, shop, STORE, [ORDER])).counts == {}
    after = await dump(db, shop)
    assert all(rows <= after[table] for table, rows in before.items())


async def test_D_3_a_source_goes_in_parts_and_others_stay(
    db: Database, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PEOPLE", "ROWS", "EVENTS"):
        monkeypatch.setattr(f"core.privacy.{name}", 2)
    other = "teashop:northfold"
    drafts = [ProductDraft(f"p{number}", f"Wrencup {number}") for number in range(5)]
    kept = Person(db, shop, other)
    await db.write(kept._is_known)
    await db.batch(save_records, kept._orders(ID))
    for source in (STORE, other):
        await db.batch(save_products, ProductBatch(shop, source, drafts))
    before = await dump(db, shop)
    await Person(db, shop).lives()
    guests = [RecordDraft("order", f"{ORDER}{number}", "Wren", 1, "EUR") for number in range(5)]
    await db.batch(save_records, RecordBatch(shop, STORE, "guest", guests))
    rounds = 0
    while await db.write(erase_source, shop, STORE):
        rounds += 1
        assert rounds < 60
    assert rounds > 8
    after = await dump(db, shop)
    for table in ("customers", "records", "products", "events"):
        mine = Counter({row: count for row, count in before[table].items() if STORE not in row})
        assert mine <= after[table], table
        assert not any(STORE in row for row in after[table] if "ProductsChanged" not in row), table
    assert len(await db.read(search_products, shop, "wrencup")) == 5
    assert set(await left(db, shop, [SAID["text"], SAID["note"], SAID["claim"]])) == set()
    (entry,) = [e for e in await db.read(audit_entries, shop) if e.action == "source.erased"]
    assert entry.target == STORE
    assert not await db.write(erase_source, shop, STORE)


def in_the_books(work: Work, person: Person) -> None:
    """A discount the customer was given, and a refund of the order."""
    shop, now = person.shop, work.now
    order = work.execute(select(table_of(RecordRow).c.id)).scalars().first()
    by = {"by_id": "agt_1", "by_name": "Nadia", "created_at": now, "updated_at": now}
    of = {"workspace_id": shop, "connection_id": "con_1", "source": STORE, "store": "Kestrel"}
    work.add(
        ConnectionRow(
            **{"workspace_id": shop, "id": "con_1", "connector": "teashop", "shop": "kestrel"},
            **{"title": "Kestrel", "source": STORE, "sealed": "", "details": {}, "cursors": {}},
            **{"created_at": now, "updated_at": now},
        )
    )
    work.add(
        Discount(
            **of,
            **by,
            **{"id": "dsc_1", "conversation_id": "talk-0001", "visitor_id": person.visitor},
            **{"customer_id": person.id, "customer_name": PROFILE["name"], "shop_customer": ID},
            **{"shop_email": EMAIL, "reason": SAID["note"], "order_reference": ORDER},
            **{"valid_days": 7, "by_kind": "agent", "value": 500, "value_currency": "EUR"},
        )
    )
    work.add(
        OrderAction(
            **of,
            **by,
            **{"id": "act_1", "kind": "refund", "state": "done", "record_id": order},
            **{"reference": ORDER, "order_title": SAID["order"], "reason": SAID["text"]},
            **{"wish": {"to": EMAIL}, "before": {"of": EMAIL}, "detail": SAID["text"]},
            **{"amount": 1999, "currency": "EUR"},
        )
    )


async def test_D_3_the_books_keep_the_money_and_not_the_person(db: Database, shop: str) -> None:
    person = await Person(db, shop).lives()
    await db.write(in_the_books, person)
    found = await db.read(export_customer, shop, person.id)
    assert (found["discounts"][0]["shop_email"], len(found["order_actions"])) == (EMAIL, 1)
    await db.write(erase_customer, shop, person.id)
    assert await left(db, shop) == []
    rows = await dump(db, shop)
    (discount,), (action,) = rows["discounts"], rows["order_actions"]
    assert "500, 'EUR'" in discount
    assert "1999, 'EUR'" in action
    assert person.id not in discount + action


# Handing out -----------------------------------------------------------------------------------


async def test_D_3_an_export_has_everything_and_is_plain_json(db: Database, shop: str) -> None:
    await bystander(db, shop)
    person = await Person(db, shop).lives()
    found = await db.read(export_customer, shop, person.id)
    text = json.dumps(found, ensure_ascii=False)
    assert [word for word in WORDS if word not in text] == []
    assert "Bela" not in text
    assert person.token not in text
    assert found["customer"]["profile"]["email"] == {
        "value": EMAIL,
        "source": STORE,
        "at": found["customer"]["profile"]["email"]["at"],
    }
    (record,) = found["records"]
    assert record["amount"] == {"minor": 1999, "currency": "EUR", "text": "19.99"}
    assert [step["after"] for step in record["history"]] == ["", "paid", "shipped"]
    (talk,) = found["conversations"]
    assert [(one["kind"], one["author"]["kind"]) for one in talk["messages"]] == [
        ("text", "visitor"),
        ("text", "agent"),
        ("note", "agent"),
    ]
    (browser,) = found["browsers"]
    assert (browser["assurance"], browser["page"]["url"]) == ("hmac", SAID["page"])


async def test_D_3_what_somebody_only_claims_is_in_nobodys_export(db: Database, shop: str) -> None:
    person = Person(db, shop, OWN_SOURCE)
    await db.write(person._is_known)

    def claim(work: Work) -> None:
        row, _ = visitors.start_visitor(work, shop)
        row.claim(visitors.Claims(email=EMAIL, user_id=ID))
        work.session.flush()
        messages.say(work, [Draft(visitors.to_principal(row), "talk-0002", "message-1", "Mine")])

    await db.write(claim)
    found = await db.read(export_customer, shop, person.id)
    assert (found["browsers"], found["conversations"]) == ([], [])
    with pytest.raises(NotFound):
        await db.read(export_customer, shop, "cus_nobody")


# The proof -------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["ünïcode Wört", 'with "quotes"', "back\\slash", "O'Neill"])
async def test_D_3_remains_are_found_however_they_are_written(
    db: Database, shop: str, word: str
) -> None:
    def write(work: Work) -> None:
        work.add(
            AuditEntry(
                **{"workspace_id": shop, "id": "a", "at": 1, "actor_kind": "hub", "actor_id": ""},
                **{"actor_name": "", "address": "", "action": "x", "target": f"to {word}s"},
                **{"before": {"a": [word.upper()]}, "after": {}},
            )
        )

    await db.write(write)
    for body in (word.encode(), json.dumps({"a": word}).encode()):
        await db.batch(inbox.store, Received(shop, STORE, "con_1", "x", body))
    assert set(await left(db, shop, [word.lower()])) == {
        *("audit_entries.target: 1", "audit_entries.before: 1", "inbox.body: 2"),
    }
    other = (await db.write(create_workspace, "Other shop")).id
    assert await left(db, other, [word]) == []
    assert await left(db, shop, ["", " "]) == []


async def test_D_3_an_erased_customer_is_not_in_sqlites_file_either(
    sqlite_url: str, tmp_path: Any
) -> None:
    from tests.databases import started

    async with started(sqlite_url) as db:
        shop = (await db.write(create_workspace, "Tea shop")).id
        person = await Person(db, shop).lives()
        assert is_in_file(sqlite_url, [SAID["note"]])
        await db.write(erase_customer, shop, person.id)
        assert scrub(sqlite_url)
        words = [EMAIL, PHONE, ORDER, *PROFILE.values(), *SAID.values()]
        assert [word for word in words if is_in_file(sqlite_url, [word])] == []
        assert scrub(sqlite_url, whole=True)
    assert not is_in_file(sqlite_url, words)


ACCOUNTED = {  # tables without anything of customers; add yours here, or to core/erasing.py
    *(
        "accounts",
        "agents",
        "agent_sessions",
        "api_keys",
        "api_key_secrets",
        "workspaces",
        "identity_secrets",
    ),
    *("products", "widgets", "widget_sightings", "connections", "connection_offers"),
    *("articles", "article_texts", "article_slugs", "article_collections"),
    *("sync_runs", "discount_policies", "tombstones", "marks", "shop_codes", "assistants"),
}
ERASED = {
    *("customers", "visitors", "conversations", "messages", "records", "record_statuses"),
    *("events", "inbox", "jobs", "idempotency_keys", "one_time_tokens", "audit_entries"),
    *("discounts", "order_actions", "email_codes"),
    *("assistant_talks", "assistant_transcripts", "assistant_usage", "assistant_holds"),
}


def test_D_3_somebody_has_thought_of_every_table() -> None:
    assert {table.name for table in metadata().sorted_tables} - ACCOUNTED - ERASED == set()
