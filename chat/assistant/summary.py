"""Summary: who writes, what they want in their own words, what was looked up, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chat.assistant.tools.plain import plain
from core.access import Assurance
from core.audit import assistant
from core.conversations import conversation_for
from core.customers import customer_for
from core.db import Work
from core.messages import messages_of
from core.step_up import masked
from core.talks import transcripts_of
from core.views import Message, ToolStep
from core.visitors import Visitor, visitor

LENGTH = 600
QUOTED = 110  # characters of what somebody wrote
READ = 60  # newest messages
QUOTES = 3
LOOKED_UP = 6
_OUTCOMES = {"verify": "asked who they are", "failed": "{tool} failed"}
_MISTAKES = ("Wrong arguments", "There is no tool", "Too many calls")  # of a model, for nobody


def summarise(
    work: Work, workspace_id: str, conversation_id: str, steps: Iterable[ToolStep] = ()
) -> str:
    """At most 600 characters for agents; `steps` are those of a turn that is not kept yet."""
    row = conversation_for(work, assistant(workspace_id), conversation_id)
    said, _ = messages_of(work, assistant(workspace_id), conversation_id, limit=READ)
    kept = [
        step for one in transcripts_of(work, workspace_id, conversation_id) for step in one.steps
    ]
    name = customer_for(work, workspace_id, row["customer_id"]).name if row["customer_id"] else ""
    parts = (
        _who(visitor(work, workspace_id, row["visitor_id"]), name),
        _wants(said),
        _looked_up([*kept, *steps]),
        _open(said),
    )
    return plain(" ".join(part for part in parts if part), LENGTH)


def _who(person: Visitor, name: str) -> str:
    known = plain(name or person.said().name, 80) or "A visitor"
    if person.assurance >= Assurance.HMAC:
        return f"{known}, verified by the shop."
    if person.assurance >= Assurance.EMAIL and person.proven_email:
        return f"{known}, proved the address {masked(person.proven_email)}."
    return f"{known}, not verified."


def _wants(said: Sequence[Message]) -> str:
    """The newest things they wrote before the last one."""
    theirs = [one.text for one in said if one.author.kind == "visitor" and one.text.strip()]
    quotes = dict.fromkeys(f"“{plain(text, QUOTED)}”" for text in theirs[:-1])
    return f"Wrote: {' '.join(list(quotes)[-QUOTES:])}" if quotes else ""


def _looked_up(steps: Sequence[ToolStep]) -> str:
    telling = [
        step for step in steps if step.tool != "hand_over" and not step.said.startswith(_MISTAKES)
    ]
    found = dict.fromkeys(_step(step) for step in telling)
    return f"Looked up: {'; '.join(list(found)[-LOOKED_UP:])}." if found else ""


def _step(step: ToolStep) -> str:
    tool = step.tool.replace("_", " ")
    said = _OUTCOMES.get(step.outcome, "").format(tool=tool) or plain(step.said, 60) or tool
    return said[:1].lower() + said[1:].rstrip(".")


def _open(said: Sequence[Message]) -> str:
    """The last thing they wrote, which is what somebody must answer."""
    for one in reversed(said):
        if one.author.kind == "visitor" and one.text.strip():
            return f"Last: “{plain(one.text, QUOTED)}”"
    return ""
