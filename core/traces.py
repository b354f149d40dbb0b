"""Traces: what the log, the queues and the books keep of people, and how it is taken out.

Rows stay where their place matters: an event keeps its number, a delivery its name, so that it
is not taken in again, and an audit entry says that something was done, no longer to whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    and_,
    cast,
    delete,
    func,
    select,
    tuple_,
    update,
)

from core import inbox, jobs
from core.audit import AuditEntry
from core.db import Work, table_of
from core.events import Erased
from core.idempotency import IdempotencyKey
from core.log import EventRow
from core.one_time import OneTimeToken
from core.remains import spellings

PART = 400  # values in one IN
FEW = 50  # words that are cheaper to look for than to look up
SHORTEST = 5  # characters of an id that says by itself whose it is; `42` may be anything
OWN_KEYS = {"customer_id", "user_id", "external_id"}  # under which a short id counts, too
Key = tuple[Any, ...]  # of a row, in its primary key's order
_ID = re.compile(rb'"id":"([^"]+)"')
_SPLIT = re.compile(r"[\s\"'<>,;:(){}\[\]\\|=/?&#]+")

_events = table_of(EventRow)
_keys = table_of(IdempotencyKey)
_entries = table_of(AuditEntry)
_tokens = table_of(OneTimeToken)
_BLANK: dict[str, Any] = {"before": {}, "after": {"erased": True}}
_STONE = msgspec.json.encode(Erased())


@dataclass(slots=True)
class Traces:
    """By what people are known: our ids of what was theirs, and the words that name them."""

    workspace_id: str
    customers: list[str] = field(default_factory=list)
    visitors: list[str] = field(default_factory=list)
    conversations: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)  # discounts and refunds: kept without them
    words: set[str] = field(default_factory=set)  # e-mail addresses, phone numbers
    named: dict[str, set[str]] = field(default_factory=dict)  # source → its ids and references

    @property
    def ids(self) -> list[str]:
        """Our own ids, which name nobody once the rows are gone."""
        return [*self.customers, *self.visitors, *self.conversations, *self.records]

    def names(self) -> Names:
        """Everything that points to them."""
        return Names(self.words, chain(self.ids, *self.named.values()))


def forget(work: Work, traces: Traces) -> dict[str, int]:
    """Take people out of everything that is not about them alone; how many rows of each table."""
    return {
        "events": _forget_events(work, traces),
        "inbox": _forget_deliveries(work, traces),
        "jobs": _forget_jobs(work, traces),
        "idempotency_keys": _forget_answers(work, traces),
        "one_time_tokens": _forget_tokens(work, traces),
        "audit_entries": _forget_entries(work, traces),
    }


class Names:
    """Words and ids that a text may have."""

    def __init__(self, words: Iterable[str], ids: Iterable[str] = ()) -> None:
        known = {word.strip().casefold() for word in (*words, *ids)} - {""}
        self.long = {word for word in known if len(word) >= SHORTEST}
        self.short = known - self.long
        spelt = {one for word in self.long for one in spellings(word)} | {
            form.format(one) for one in self.short for form in ('"{}"', ":{},", ":{}}}", ": {}")
        }
        # A few are looked for one by one; of many, the text's own words are looked up.
        self._tokens = {one for one in spelt if not _SPLIT.search(one)}
        if len(self._tokens) <= FEW:
            self._tokens = set()
        self._parts = spelt - self._tokens

    def are_in(self, value: Any, key: str = "", above: str = "") -> bool:
        """Whether plain data names one of them: by an own value, or as a word of a text."""
        if isinstance(value, dict):
            return any(self.are_in(one, name, key) or self._in(name) for name, one in value.items())
        if isinstance(value, list):
            return any(self.are_in(one, key, above) for one in value)
        said = str(value).strip().casefold()
        if said in self.short:
            return key in OWN_KEYS or (key == "id" and above in ("customer", "user"))
        return said in self.long or (isinstance(value, str) and self._in(said))

    def are_in_column(self, column: Column[Any], held: str | bytes | None) -> bool:
        """Whether what a column holds names one of them; bytes are a body, JSON or a form's.

        A key is somebody's own invention, such as `push-1042`: there a part is enough.
        """
        text = held.decode("utf-8", "replace") if isinstance(held, bytes) else held or ""
        folded = text.lower()
        if not any(part in folded for part in self._parts) and (
            not self._tokens or self._tokens.isdisjoint(_SPLIT.split(folded))
        ):
            return False
        if column.name == "key":
            return any(word in text.casefold() for word in self.long)
        try:
            return self.are_in(msgspec.json.decode(text))
        except (msgspec.DecodeError, RecursionError):
            return self._in(unquote_plus(text))

    def _in(self, text: str) -> bool:
        return not self.long.isdisjoint(_SPLIT.split(text.casefold()))


NOBODY = Names(())


def parts(values: Iterable[Any], most: int = PART) -> Iterator[list[Any]]:
    """The values in lists that one statement takes."""
    listed = list(values)
    for start in range(0, len(listed), most):
        yield listed[start : start + most]


# The log -----------------------------------------------------------------------------------


def _forget_events(work: Work, traces: Traces) -> int:
    """Put a stone in the place of every event about these people."""
    return sum(
        bury(work, traces.workspace_id, column.in_(some))
        for column, values in (
            (_events.c.visitor_id, traces.visitors),
            (_events.c.customer_id, traces.customers),
            (_events.c.seq, _of_nobody_yet(work, traces)),
        )
        for some in parts(values)
    )


def _of_nobody_yet(work: Work, traces: Traces) -> list[int]:
    """Events that name nobody, but show a thing of theirs, such as an order a guest had placed."""
    wanted = {one.encode() for one in (*traces.records, *traces.deeds)}
    if not wanted:
        return []
    rows = work.execute(
        select(_events.c.seq, _events.c.body).where(
            _events.c.workspace_id == traces.workspace_id,
            _events.c.audience != Erased.audience,
            _events.c.customer_id.is_(None),
            _events.c.visitor_id.is_(None),
        )
    )
    return [row.seq for row in rows if not wanted.isdisjoint(_ID.findall(row.body))]


def bury(work: Work, workspace_id: str, *conditions: ColumnElement[bool]) -> int:
    """Put stones in the place of these events; how many."""
    stone = {"audience": Erased.audience, "visitor_id": None, "customer_id": None, "body": _STONE}
    these = (_events.c.workspace_id == workspace_id, *conditions)
    return work.execute(update(_events).where(*these).values(stone)).rowcount


# Queues and answers ------------------------------------------------------------------------


def _forget_deliveries(work: Work, traces: Traces) -> int:
    """Empty the webhooks that name them and end those that wait, but keep them known as taken.

    A delivery that is at work is ended, too: its handler has it in hand, and does all of its
    erasing in one unit.
    """
    table = inbox.table
    anywhere = Names(traces.words, traces.ids)
    of_source = {source: Names((), ids) for source, ids in traces.named.items()}
    seen, any_name = set(), traces.names()
    for key, (source, body) in _rows(work, traces, table, (table.c.source, table.c.body)):
        if not any_name.are_in_column(table.c.body, body):  # of most one look is enough
            continue
        names = [anywhere, of_source.get(source, NOBODY)]
        if any(one.are_in_column(table.c.body, body) for one in names):
            seen.add(key)
    return _empty(work, table, seen, headers={}, body=b"")


def _forget_jobs(work: Work, traces: Traces) -> int:
    """Empty and end the jobs that were about them."""
    table = jobs.table
    columns = (table.c.args, table.c.key, table.c.error)
    seen = _found(work, table, columns, traces, traces.names())
    return _empty(work, table, seen, args={}, key=None)


def _empty(work: Work, table: Table, keys: set[Key], **values: Any) -> int:
    ended = func.coalesce(table.c.ended_at, work.now)
    for key in keys:
        work.execute(
            update(table)
            .where(_is(table, key))
            .values(**values, error="", state="done", ended_at=ended)
        )
    return len(keys)


def _forget_answers(work: Work, traces: Traces) -> int:
    """Drop the answers kept for repeated requests that name them."""
    return _drop(work, _keys, (_keys.c.key, _keys.c.body), traces)


def _forget_tokens(work: Work, traces: Traces) -> int:
    """Drop the tickets that stand for them."""
    return _drop(work, _tokens, (_tokens.c.subject,), traces)


def _drop(work: Work, table: Table, columns: Sequence[Column[Any]], traces: Traces) -> int:
    seen = _found(work, table, columns, traces, traces.names())
    for key in seen:
        work.execute(delete(table).where(_is(table, key)))
    return len(seen)


def _found(
    work: Work, table: Table, columns: Sequence[Column[Any]], traces: Traces, names: Names
) -> set[Key]:
    """The keys of the rows in which a column names one of them."""
    return {
        key
        for key, held in _rows(work, traces, table, columns)
        if any(map(names.are_in_column, columns, held))
    }


def _rows(
    work: Work, traces: Traces, table: Table, columns: Sequence[Column[Any]]
) -> Iterator[tuple[Key, Sequence[Any]]]:
    """A workspace's rows with these columns as text or bytes, never many in memory at once.

    Looked through here: a database compares every letter anew for every word.
    """
    keys = list(table.primary_key.columns)
    held = [one if isinstance(one.type, LargeBinary) else cast(one, Text) for one in columns]
    query = select(*keys, *held).where(table.c.workspace_id == traces.workspace_id)
    page = query.order_by(*keys).limit(PART)
    rows = work.execute(page).all()
    while rows:
        for row in rows:
            yield tuple(row[: len(keys)]), row[len(keys) :]
        if len(rows) < PART:
            return
        rows = work.execute(page.where(tuple_(*keys) > tuple_(*rows[-1][: len(keys)]))).all()


def _is(table: Table, key: Key) -> ColumnElement[bool]:
    columns = table.primary_key.columns
    return and_(*(column == value for column, value in zip(columns, key, strict=True)))


# The books ---------------------------------------------------------------------------------


def _forget_entries(work: Work, traces: Traces) -> int:
    """Keep that something was done and by whom of the team, but nothing of these people."""
    columns = (_entries.c.before, _entries.c.after, _entries.c.target)
    seen = _found(work, _entries, columns, traces, traces.names())
    for key in seen:
        work.execute(update(_entries).where(_is(_entries, key)).values(_BLANK))
    by_name = Names(traces.words, chain(*traces.named.values()))
    for key in _found(work, _entries, (_entries.c.target,), traces, by_name):
        work.execute(update(_entries).where(_is(_entries, key)).values(target="erased"))
    for some in parts(traces.visitors):
        theirs = (_entries.c.actor_kind == "visitor", _entries.c.actor_id.in_(some))
        of_workspace = _entries.c.workspace_id == traces.workspace_id
        blank = {**_BLANK, "actor_name": "", "address": ""}
        work.execute(update(_entries).where(of_workspace, *theirs).values(blank))
    return len(seen)
