"""What a run leaves behind: a table on the screen, the same as Markdown, and everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.numbers import Ratio, Round, Spread, spread

RESULTS = Path(__file__).with_name("results")
QUIET = 0.05  # share of the machine that others may use before figures are noise
DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True, slots=True)
class Report:
    name: str  # "chat", "ingest", "start"
    machine: dict[str, Any]
    plan: dict[str, Any]
    labels: dict[str, str]  # the peers, in the table's order
    columns: dict[str, Callable[[Sequence[Round], str], str]]
    ratios: Sequence[Ratio]
    rounds: Sequence[Round]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        parts = [self._peers(), self._ratios(), *self._below()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _peers(self) -> str:
        rows = [
            [label, *(cell(self.rounds, peer) for cell in self.columns.values())]
            for peer, label in self.labels.items()
            if any(peer in r for r in self.rounds)
        ]
        return table(["", *self.columns], rows)

    def _ratios(self) -> str:
        rows = []
        for ratio in self.ratios:
            if found := ratio.of(self.rounds):
                mark = {None: "", True: "yes", False: "**no**"}[ratio.met(found)]
                rows.append([ratio.label, span(found, ratioed), ratio.target, mark])
        head = ["Parley's figure", "median [min–max] of the rounds' ratios", "target", "met"]
        return table(head, rows) if rows else ""

    def _below(self) -> list[str]:
        m = self.machine
        where = (
            f"Measured {m['date']} on {m['cpu']} ({m['cores']} cores), {m['kernel']}, Python "
            f"{m['python']}, Node {m['node'] or '–'}, SQLite {m['sqlite']}, one fsync "
            f"{m['fsync_ms']} ms; {len(self.rounds)} round(s), server on core 0, load on core 1."
        )
        if m["others_busy"] > QUIET:
            where += f" **Noisy: others used {m['others_busy']:.0%} of the machine.**"
        return [where, *self.notes]

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "machine": self.machine,
            "plan": self.plan,
            "peers": self.labels,
            "rounds": self.rounds,
            "ratios": [
                {"label": r.label, "target": r.target, "met": r.met(found), **spread_facts(found)}
                for r in self.ratios
                if (found := r.of(self.rounds))
            ],
            "notes": list(self.notes),
        }

    def save(self, chart: str | None, *, results: Path = RESULTS, docs: Path = DOCS) -> None:
        results.mkdir(parents=True, exist_ok=True)
        docs.mkdir(parents=True, exist_ok=True)
        facts = json.dumps(rounded(self.facts()), indent=1, ensure_ascii=False)
        (results / f"{self.name}.json").write_text(facts + "\n")
        (results / f"{self.name}.md").write_text(self.markdown())
        if chart:
            (docs / f"bench-{self.name}.svg").write_text(chart)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, aligned so that it reads well on a screen too."""
    cells = [list(head), *map(list, rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(row: Sequence[str]) -> str:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return f"| {' | '.join([first, *rest])} |"

    return "\n".join([line(cells[0]), line(rule), *map(line, cells[1:])])


def whole(value: float) -> str:
    return f"{value:,.0f}"


def ratioed(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def span(found: Spread, write: Callable[[float], str] = whole) -> str:
    """`median [min–max]`, or the figure alone after a single round."""
    if found.low == found.high:
        return write(found.median)
    return f"{write(found.median)} [{write(found.low)}–{write(found.high)}]"


def column(
    figure: str, write: Callable[[float], str] = whole
) -> Callable[[Sequence[Round], str], str]:
    """A column that shows one figure with its spread."""

    def cell(rounds: Sequence[Round], peer: str) -> str:
        found = spread(rounds, peer, figure)
        return span(found, write) if found else "–"

    return cell


def medians(*figures: str, write: str = "{:.1f}") -> Callable[[Sequence[Round], str], str]:
    """A column of medians: `0.6 / 3.1`."""

    def cell(rounds: Sequence[Round], peer: str) -> str:
        found = [spread(rounds, peer, figure) for figure in figures]
        return " / ".join(write.format(f.median) if f else "–" for f in found)

    return cell


def spread_facts(found: Spread) -> dict[str, float]:
    return {"median": found.median, "min": found.low, "max": found.high}


def rounded(value: Any) -> Any:
    """Five digits are more than any of this is worth."""
    match value:
        case dict():
            return {key: rounded(inner) for key, inner in value.items()}
        case list() | tuple():
            return [rounded(inner) for inner in value]
        case float():
            return float(f"{value:.5g}")
        case _:
            return value
