"""`python -m benchmarks assistant`: questions in six languages, judged and timed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.assistant.ask import ask
from benchmarks.assistant.judge import Heard, Verdict, judge
from benchmarks.assistant.questions import Asked, questions
from benchmarks.assistant.shop import FOLDER, LOCALES, Store, seed
from benchmarks.catalog_core import BATCH, drafts
from benchmarks.plan import Plan
from benchmarks.report import DOCS, RESULTS, table
from chat.assistant.builtin import BuiltIn
from chat.assistant.engine import Engine
from core.assistants import save_assistant
from core.audit import operator
from core.products import ProductBatch, save_products
from hub.app import Hub
from hub.plugins import load_plugins
from hub.settings import Settings

SETS = {"questions": "to tune on", "heldout": "held out"}
TIMED = 5  # times each question is asked of the large shop
LARGE = "large"  # the source of the products that only make the shop large
PAGE = "assistant.md"
BEGIN, END = "<!-- evaluation -->", "<!-- /evaluation -->"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what came of it, and what is wrong with that."""

    asked: Asked
    heard: Heard
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run leaves behind: a table for docs/assistant.md, and every wrong answer as JSON."""

    name: str
    machine: dict[str, Any]
    products: int
    judged: dict[str, list[Judged]]
    slow: list[float]  # milliseconds of each answer in the large shop, in order of time

    def markdown(self) -> str:
        """The tables."""
        head = ["built-in engine", "questions", "right", "invented", "another's", "handed over"]
        rows = [_row(SETS[name], some) for name, some in self.judged.items()]
        everything = [one for some in self.judged.values() for one in some]
        rows += [_row(locale, _in(everything, locale)) for locale in LOCALES]
        rows.append(_row("all", everything))
        small = _ms(everything)
        times = [
            f"{len(small)} answers in the small shop: {_times(small)}.",
            f"{len(self.slow)} answers among {self.products:,} products: {_times(self.slow)} "
            "(target: p99 ≤ 50 ms).",
            f"Measured {self.machine['date']} on {self.machine['cpu']}, SQLite "
            f"{self.machine['sqlite']}; others used {self.machine['others_busy']:.0%} of it.",
        ]
        return f"{table(head, rows)}\n\n" + "\n".join(times) + "\n"

    def save(self, chart: str | None, *, results: Path = RESULTS, docs: Path = DOCS) -> None:
        """Keep the tables in docs/assistant.md, and the wrong answers beside the other results."""
        results.mkdir(parents=True, exist_ok=True)
        facts = {"machine": self.machine, "products": self.products, "wrong": self.wrong()}
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (results / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")
        page = docs / PAGE
        before = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
        top, _, rest = before.partition(BEGIN)
        below = rest.partition(END)[2]
        page.write_text(f"{top}{BEGIN}\n\n{self.markdown()}\n{END}{below}", encoding="utf-8")

    def wrong(self) -> list[dict[str, Any]]:
        """Every answer that is not right, and why."""
        return [
            {
                "id": f"{one.asked.case.id}.{one.asked.locale}",
                "asked": one.asked.said,
                "answer": one.heard.text,
                "wrong": [*one.verdict.wrong, *one.verdict.invented, *one.verdict.leaked],
            }
            for some in self.judged.values()
            for one in some
            if not one.verdict.right
        ]


def _row(label: str, some: Sequence[Judged]) -> list[str]:
    right = sum(one.verdict.right for one in some)
    passed = sum(bool(one.heard.passed) for one in some)
    invented = sum(len(one.verdict.invented) for one in some)
    leaked = sum(len(one.verdict.leaked) for one in some)
    share = f"{right} ({right / len(some):.1%})"
    return [label, str(len(some)), share, str(invented), str(leaked), f"{passed / len(some):.1%}"]


def _in(some: Sequence[Judged], locale: str) -> list[Judged]:
    return [one for one in some if one.asked.locale == locale]


def _ms(some: Sequence[Judged]) -> list[float]:
    return [one.heard.ms for one in some]


def _times(values: Sequence[float]) -> str:
    return f"p50 {_quantile(values, 50):.1f} ms, p99 {_quantile(values, 99):.1f} ms"


def _quantile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def run(plan: Plan, say: Say) -> tuple[Evaluation, str | None]:
    """The whole evaluation of the built-in engine."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        async with evaluated(folder) as store:
            engine = BuiltIn()
            judged = {}
            for one in SETS:
                say(f"asking {SETS[one]}")
                judged[one] = [await judged_answer(store, engine, q) for q in questions(one)]
            say(f"making the shop large: {plan.products:,} products")
            await enlarge(store, plan.products)
            slow = await _slow(store, BuiltIn(), say)
        facts = machine.facts(folder)
    return Evaluation("assistant", facts, plan.products, judged, slow), None


@asynccontextmanager
async def evaluated(folder: Path) -> AsyncIterator[Store]:
    """A hub in `folder` with the evaluation's shop; stopped in the end."""
    settings = Settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder}/hub.db",
        secret_key="of the evaluation alone, 32 characters",
        public_url="https://hub.example",
        worker=False,
        rate_limits=False,
    )
    hub = Hub(settings, plugins=load_plugins(FOLDER / "plugins.toml"))
    await hub.start()
    try:
        store = await seed(hub)
        # The engine is asked by itself: the hub's own assistant would take the codes away.
        await hub.db.write(save_assistant, operator(store.workspace_id), {"on": False})
        yield store
    finally:
        await hub.stop()


async def judged_answer(store: Store, engine: Engine, asked: Asked) -> Judged:
    """One question, asked and judged."""
    heard = await ask(store, engine, asked)
    return Judged(asked, heard, judge(asked.case, heard, store.products, store.prices))


async def enlarge(store: Store, products: int) -> None:
    """Put so many other products beside the shop's own."""
    batch = []
    for draft in drafts(products):
        batch.append(draft)
        if len(batch) == BATCH:
            await _save(store, batch)
            batch = []
    await _save(store, batch)


async def _save(store: Store, batch: list[Any]) -> None:
    wanted = [ProductBatch(store.workspace_id, LARGE, batch)]
    await store.hub.db.write(save_products, wanted)


async def _slow(store: Store, engine: Engine, say: Say) -> list[float]:
    """How long answers take; the first round makes everything ready and does not count."""
    asked = [one for name in SETS for one in questions(name)]
    times = []
    for number in range(TIMED + 1):
        say(f"asking the large shop, {number} of {TIMED}")
        heard = [await ask(store, engine, one) for one in asked]
        times += [one.ms for one in heard] if number else []
    return times
