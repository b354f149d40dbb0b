"""Settings page: what Settings → Assistant shows and changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.access import Principal
from core.assistants import MOST, Assistant, EngineName, assistant_of, save_assistant
from core.db import Work
from core.discount_policy import to_hundredths, to_percent
from core.errors import Invalid
from core.identity import ASSURANCE_NAMES
from core.money import to_currency
from core.services import Services
from core.talks import answering_now, median_ms
from core.tools import Rule, Tool
from core.usages import DAY, usage_of
from core.views import AssuranceName

MILLION = 1_000_000
Count = Annotated[int, Meta(ge=0, le=MOST)]
Word = Annotated[str, Meta(max_length=60)]


class Model(msgspec.Struct, kw_only=True):
    """The model that the operator has set up."""

    configured: bool
    name: str
    host: str
    installed: bool


class ToolView(msgspec.Struct, kw_only=True):
    """Something the assistant can do, and whether it does it by itself."""

    name: str
    title: str
    description: str
    limit: str
    needs: AssuranceName
    rule: Rule
    writes: bool


class Used(msgspec.Struct, kw_only=True):
    """What today's answers took, in UTC."""

    answers: int
    handovers: int
    tokens: int
    cost: str  # exact, in the assistant's currency
    median_ms: int | None  # null: no answer today


class AssistantPage(msgspec.Struct, kw_only=True):
    """The assistant as Settings → Assistant shows it; prices and costs are exact decimals."""

    on: bool
    engine: EngineName
    discount_percent: str
    rules: dict[str, Rule]
    answers: int
    tokens_a_day: int
    tokens_a_visitor: int
    price_in: str  # of a million tokens
    price_out: str
    currency: str
    cost_a_day: str | None  # null: no limit
    unhelpful: bool
    words: list[str]
    model: Model
    tools: list[ToolView]
    usage: Used
    answering_now: int


class NewAssistant(msgspec.Struct, kw_only=True):
    """What is to change; amounts in major units ("0.40"). `on: false` is the kill switch."""

    on: bool | UnsetType = UNSET
    engine: EngineName | UnsetType = UNSET
    discount_percent: Decimal | UnsetType = UNSET
    rules: dict[Annotated[str, Meta(max_length=41)], Rule] | UnsetType = UNSET
    answers: Count | UnsetType = UNSET
    tokens_a_day: Count | UnsetType = UNSET
    tokens_a_visitor: Count | UnsetType = UNSET
    price_in: Decimal | UnsetType = UNSET
    price_out: Decimal | UnsetType = UNSET
    currency: Annotated[str, Meta(max_length=3)] | UnsetType = UNSET
    cost_a_day: Decimal | UnsetType | None = UNSET
    unhelpful: bool | UnsetType = UNSET
    words: Annotated[list[Word], Meta(max_length=100)] | UnsetType = UNSET


def page_of(work: Work, services: Services, workspace_id: str, model: Model) -> AssistantPage:
    """Everything the page shows."""
    row = assistant_of(work, workspace_id)
    return AssistantPage(
        on=row.on,
        engine=msgspec.convert(row.engine, EngineName),
        discount_percent=to_percent(row.discount_percent),
        rules=msgspec.convert(row.rules, dict[str, Rule]),
        answers=row.answers,
        tokens_a_day=row.tokens_a_day,
        tokens_a_visitor=row.tokens_a_visitor,
        price_in=_to_text(row.price_in),
        price_out=_to_text(row.price_out),
        currency=row.currency,
        cost_a_day=None if row.cost_a_day is None else _to_text(row.cost_a_day),
        unhelpful=row.unhelpful,
        words=row.words,
        model=model,
        tools=[_to_view(tool, row) for tool in services.tools.values()],
        usage=_used(work, workspace_id),
        answering_now=answering_now(work, workspace_id),
    )


def save(work: Work, services: Services, by: Principal, model: Model, new: NewAssistant) -> None:
    """Change what was named; Invalid names the field that makes no sense."""
    values: dict[str, Any] = {
        name: value for name in new.__struct_fields__ if (value := getattr(new, name)) is not UNSET
    }
    if "discount_percent" in values:
        values["discount_percent"] = to_hundredths(values["discount_percent"], "discount_percent")
    for name in ("price_in", "price_out", "cost_a_day"):
        if values.get(name) is not None:
            values[name] = _to_millionths(values[name], name)
    _check(services, model, values)
    row = save_assistant(work, by, values)
    if (row.price_in or row.price_out or row.cost_a_day) and not row.currency:
        raise Invalid("Prices need a currency.", field="currency")


def _check(services: Services, model: Model, values: dict[str, Any]) -> None:
    if values.get("currency"):
        values["currency"] = to_currency(values["currency"])
    if values.get("engine") == "model" and not (model.configured and model.installed):
        raise Invalid("Your operator has set no model up.", field="engine")
    for name in values.get("rules", {}):
        if name not in services.tools:
            raise Invalid(f"There is no tool {name}.", field="rules")
    if "words" in values:
        values["words"] = list(dict.fromkeys(word.strip() for word in values["words"]))


def _to_millionths(amount: Decimal, field: str) -> int:
    scaled = amount * MILLION if amount.is_finite() and amount.adjusted() < 12 else Decimal(-1)
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= MOST:
        raise Invalid(f"{field} is an amount with at most six decimals.", field=field)
    return int(scaled)


def _to_text(millionths: int) -> str:
    """The exact decimal, with at least two digits after the point."""
    whole, part = divmod(millionths, MILLION)
    return f"{whole}.{f'{part:06d}'.rstrip('0'):0<2}"


def _to_view(tool: Tool, row: Assistant) -> ToolView:
    return ToolView(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        limit=tool.limit,
        needs=ASSURANCE_NAMES[tool.assurance],
        rule=msgspec.convert(row.rules.get(tool.name, tool.rule), Rule),
        writes=tool.writes,
    )


def _used(work: Work, workspace_id: str) -> Used:
    today = usage_of(work, workspace_id)
    return Used(
        answers=today.answers,
        handovers=today.handovers,
        tokens=today.tokens_in + today.tokens_out,
        cost=_to_text(today.cost),
        median_ms=median_ms(work, workspace_id, work.now // DAY * DAY),
    )
