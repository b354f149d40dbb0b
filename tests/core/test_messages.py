"""What is said is kept once, in order, by those who may."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import delete

from core import log
from core.access import Principal
from core.conversations import conversations_of, mark_read, set_status
from core.db import Database, Work, table_of
from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.events import ConversationChanged, Logged, MessageAdded, NoteAdded
from core.messages import Draft, messages_of, say
from core.visitors import Visitor, start_visitor, to_principal
from tests.people import open_shop

pytestmark = pytest.mark.anyio
TALK = "talk-0001"


class Shop:
    """A workspace with one agent, and visitors as needed."""

    def __init__(self, db: Database, agent: Principal) -> None:
        self.db = db
        self.agent = agent

    async def visitor(self) -> Principal:
        def start(work: Work) -> Principal:
            return to_principal(start_visitor(work, self.agent.workspace_id)[0])

        return await self.db.write(start)

    async def say(self, who: Principal, text: str, id_: str = "", **more: object):
        draft = Draft(who, more.pop("conversation", TALK), id_ or f"m-{text}", text, **more)
        return await self.db.batch(say, draft)


@pytest.fixture
async def shop(db: Database) -> Shop:
    return Shop(db, await db.write(open_shop))


async def test_W20_a_message_sent_again_is_kept_once(shop: Shop) -> None:
    visitor = await shop.visitor()
    first = await shop.say(visitor, "hello", "id-00001")
    again = await shop.say(visitor, "hello", "id-00001")
    assert again == first
    kept, more = await shop.db.read(messages_of_talk, visitor)
    assert ([message.text for message in kept], more) == (["hello"], False)


async def test_W20_many_voices_at_once_are_numbered_without_a_gap(shop: Shop) -> None:
    visitor = await shop.visitor()
    await shop.say(visitor, "first")
    speakers = [visitor, shop.agent] * 20
    said = await asyncio.gather(
        *(shop.say(who, f"line {place}") for place, who in enumerate(speakers))
    )
    assert sorted(one.seq for one in said) == list(range(2, 42))
    events = await shop.db.read(log.events_after, visitor.workspace_id, 0)
    assert [entry.seq for entry in events] == list(range(1, len(events) + 1))


async def test_V2_a_foreign_conversation_reads_as_not_there(shop: Shop) -> None:
    mine, other = await shop.visitor(), await shop.visitor()
    await shop.say(mine, "secret")
    with pytest.raises(NotFound):
        await shop.say(other, "let me in")
    with pytest.raises(NotFound):
        await shop.db.read(messages_of_talk, other)
    assert await shop.db.read(conversations_of, other) == []


async def test_T2_an_agent_of_another_workspace_sees_nothing(shop: Shop) -> None:
    visitor = await shop.visitor()
    await shop.say(visitor, "secret")
    foreign = await shop.db.write(open_shop, "Northfold", "ida@northfold.example")
    with pytest.raises(NotFound):
        await shop.db.read(messages_of_talk, foreign)
    with pytest.raises(NotFound):
        await shop.say(foreign, "hello")


async def test_D_3_a_visitor_erased_a_moment_ago_starts_nothing_and_spoils_nothing(
    shop: Shop,
) -> None:
    erased, other = await shop.visitor(), await shop.visitor()
    await shop.db.write(
        lambda work: work.execute(delete(table_of(Visitor)).where(Visitor.id == erased.id))
    )
    gone, said = await asyncio.gather(
        shop.say(erased, "hello", conversation="talk-0002"),
        shop.say(other, "hello"),
        return_exceptions=True,
    )
    assert isinstance(gone, Unauthenticated)
    assert said.seq == 1


async def test_an_id_somebody_else_has_used_is_a_conflict(shop: Shop) -> None:
    visitor = await shop.visitor()
    await shop.say(visitor, "mine", "id-00001")
    with pytest.raises(Conflict):
        await shop.say(shop.agent, "also mine", "id-00001")


async def test_one_refused_draft_spoils_no_other_in_its_commit(shop: Shop) -> None:
    visitor, other = await shop.visitor(), await shop.visitor()
    await shop.say(visitor, "first")
    outcomes = await asyncio.gather(
        shop.say(visitor, "second"),
        shop.say(other, "intruder"),
        shop.say(visitor, "with a card", product_ids=("prd_nowhere",)),
        shop.say(visitor, "third"),
        return_exceptions=True,
    )
    names = [type(outcome).__name__ for outcome in outcomes]
    assert names == ["Said", "NotFound", "Invalid", "Said"]
    assert isinstance(outcomes[2], Invalid) and outcomes[2].field == "products"


async def test_G5_a_note_is_for_agents_alone(shop: Shop) -> None:
    visitor = await shop.visitor()
    await shop.say(visitor, "hello")
    await shop.say(shop.agent, "watch out", kind="note")
    seen, _ = await shop.db.read(messages_of_talk, visitor)
    assert [message.text for message in seen] == ["hello"]
    seen, _ = await shop.db.read(messages_of_talk, shop.agent)
    assert [message.text for message in seen] == ["hello", "watch out"]
    entries = await shop.db.read(log.events_after, visitor.workspace_id, 0)
    audiences = {type(entry.event): entry.event.audience for entry in entries}
    assert audiences[NoteAdded] == "agents" and audiences[MessageAdded] == "conversation"


async def test_W21_unread_counts_follow_reading(shop: Shop) -> None:
    visitor = await shop.visitor()
    await shop.say(visitor, "hello")
    for text in ("one", "two", "three"):
        await shop.say(shop.agent, text)
    await shop.db.write(mark_read, visitor, TALK, 2)
    (talk,) = await shop.db.read(conversations_of, visitor)
    assert (talk.unread, talk.read_seq, talk.last_seq) == (2, 2, 4)
    await shop.db.write(mark_read, visitor, TALK, 1)  # late: changes nothing
    await shop.db.write(mark_read, visitor, TALK, 9_000)
    (talk,) = await shop.db.read(conversations_of, visitor)
    assert (talk.unread, talk.read_seq) == (0, 4)


async def test_G5_a_visitor_who_writes_again_opens_a_resolved_conversation(shop: Shop) -> None:
    heard: list[Logged] = []
    shop.db.listen(lambda entries: heard.extend(entries))
    visitor = await shop.visitor()
    await shop.say(visitor, "hello")
    await shop.say(shop.agent, "hi")
    await shop.db.write(set_status, shop.agent, TALK, "resolved")
    await shop.say(visitor, "one more thing")
    changes = [e.event for e in heard if isinstance(e.event, ConversationChanged)]
    assert [change.status for change in changes] == ["open", "resolved", "open"]
    assert changes[0].assignee and changes[0].assignee.id == shop.agent.id


async def test_a_page_of_messages_goes_both_ways(shop: Shop) -> None:
    visitor = await shop.visitor()
    for number in range(7):
        await shop.say(visitor, f"line {number}")

    def page(work: Work, **asked: int) -> tuple[list[int], bool]:
        messages, more = messages_of(work, visitor, TALK, **asked)
        return [message.seq for message in messages], more

    assert await shop.db.read(lambda work: page(work, limit=3)) == ([5, 6, 7], True)
    assert await shop.db.read(lambda work: page(work, before=5, limit=9)) == ([1, 2, 3, 4], False)
    assert await shop.db.read(lambda work: page(work, after=2, limit=2)) == ([3, 4], True)


def messages_of_talk(work: Work, asker: Principal) -> tuple[Sequence, bool]:
    return messages_of(work, asker, TALK)
