"""Assistants: whether a workspace's assistant answers, with what, and within which limits."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.audit import audit
from core.db import Work
from core.errors import Invalid
from core.events import AssistantChanged

EngineName = Literal["built-in", "model"]
RULES = ("answers", "asks", "never")
MOST = 10**12


class Assistant(SQLModel, table=True):
    """One workspace's assistant; without a row it is off."""

    __tablename__ = "assistants"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    on: bool = False
    on_since: int = Field(default=0, sa_type=BigInteger)  # what was written before is for people
    engine: str = "built-in"  # or "model", where the operator has set one up
    discount_percent: int = 1_000  # what it offers at most, in hundredths; the policy binds it too
    rules: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    answers: int = 30  # in one conversation, then a person
    tokens_a_day: int = Field(default=2_000_000, sa_type=BigInteger)  # of a model
    tokens_a_visitor: int = Field(default=100_000, sa_type=BigInteger)  # within a day
    # What a model costs, in millionths of the currency a million tokens; 0: not counted.
    price_in: int = Field(default=0, sa_type=BigInteger)
    price_out: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""
    cost_a_day: int | None = Field(default=None, sa_type=BigInteger)  # millionths; None: no limit
    unhelpful: bool = True  # after two unhelpful answers a person takes over
    words: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    updated_at: int = Field(default=0, sa_type=BigInteger)
    updated_by: str = ""


_BOUNDS = {
    "discount_percent": (0, 10_000),
    "answers": (1, 1_000),
    "tokens_a_day": (0, MOST),
    "tokens_a_visitor": (0, MOST),
    "price_in": (0, MOST),
    "price_out": (0, MOST),
}
WORDS = 100
WORD_LENGTH = 60


def assistant_of(work: Work, workspace_id: str) -> Assistant:
    """The workspace's assistant, or one that is off until somebody turns it on."""
    return work.session.get(Assistant, workspace_id) or Assistant(workspace_id=workspace_id)


def save_assistant(work: Work, by: Principal, values: dict[str, Any]) -> Assistant:
    """Set the assistant up; Invalid names the value that makes no sense. Off takes effect at once.

    The kill switch is the same: `{"on": False}`.
    """
    row = assistant_of(work, by.workspace_id)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    _check({**row.model_dump(), **changed})
    if not changed:
        return row
    before = {name: getattr(row, name) for name in changed}
    audit(work, by, "assistant.changed", by.workspace_id, before, changed)
    for name, value in changed.items():
        setattr(row, name, value)
    if "on" in changed:
        row.on_since = work.now if row.on else 0
    row.updated_at, row.updated_by = work.now, by.name
    work.add(row)
    work.announce(by.workspace_id, AssistantChanged(on=row.on))
    return row


def _check(values: dict[str, Any]) -> None:
    for name, (least, most) in _BOUNDS.items():
        if not least <= values[name] <= most:
            raise Invalid(f"{name} is out of bounds.", field=name)
    if values["engine"] not in ("built-in", "model"):
        raise Invalid("There is no such engine.", field="engine")
    if values["cost_a_day"] is not None and not (0 <= values["cost_a_day"] <= MOST):
        raise Invalid("cost_a_day is out of bounds.", field="cost_a_day")
    for rule in values["rules"].values():
        if rule not in RULES:
            raise Invalid(f"A rule is one of {', '.join(RULES)}.", field="rules")
    if len(values["words"]) > WORDS or any(
        not 2 <= len(word) <= WORD_LENGTH for word in values["words"]
    ):
        raise Invalid(f"At most {WORDS} words of 2 to {WORD_LENGTH} letters.", field="words")
