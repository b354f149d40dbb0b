"""Rounds into figures: medians with their spread, and ratios taken within a round."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Figures = dict[str, float]  # what one peer reached in one round, by the figure's name
Round = dict[str, Figures]  # by the peer's name


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        known = list(values)
        return cls(statistics.median(known), min(known), max(known)) if known else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """One peer's figure over another's. Within a round both met the same weather."""

    label: str
    over: str
    under: str
    target: str  # such as "≥ 1.5"; empty when it is only told
    figure: str = "rate"
    under_figure: str = ""  # when the other is measured by another name

    def of(self, rounds: Sequence[Round]) -> Spread | None:
        return Spread.of(
            here[self.over][self.figure] / there
            for here in rounds
            if self.figure in here.get(self.over, {})
            and (there := here.get(self.under, {}).get(self.under_figure or self.figure))
        )

    def met(self, found: Spread) -> bool | None:
        if not self.target:
            return None
        limit = float(self.target[1:])
        return found.median >= limit if self.target.startswith("≥") else found.median <= limit


def spread(rounds: Sequence[Round], peer: str, figure: str) -> Spread | None:
    return Spread.of(r[peer][figure] for r in rounds if figure in r.get(peer, {}))
