"""A small bar chart as SVG, readable on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.numbers import Spread

WIDTH, LABEL, RIGHT, BAR, GAP, HEAD = 800, 350, 90, 16, 8, 34

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.panel { font-weight: 600 }
.quiet, .number { fill: #59636e }
.peer { fill: #8c959f } .ours { fill: #7650ff } .limit { fill: #d1d9e0 }
.spread { stroke: #1f2328; stroke-opacity: .55 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet, .number { fill: #9198a1 }
  .peer { fill: #656c76 } .ours { fill: #9d85ff } .limit { fill: #3d444d }
  .spread { stroke: #f0f6fc }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    kind: str  # "ours", "peer" or "limit"
    value: Spread


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars that share one scale."""

    title: str
    bars: Sequence[Bar]


def chart(title: str, below: str, panels: Sequence[Panel]) -> str:
    panels = [panel for panel in panels if panel.bars]
    body, y = [], 30
    for panel in panels:
        body += [f'<text class="panel" x="0" y="{y + 20}">{escape(panel.title)}</text>']
        y += HEAD
        most = max(bar.value.high for bar in panel.bars)
        for bar in panel.bars:
            body += _bar(bar, y, (WIDTH - LABEL - RIGHT) / most)
            y += BAR + GAP
    height = y + 30
    told = "; ".join(_told(panel) for panel in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="t d">\n<title id="t">{escape(title)}</title>\n'
        f'<desc id="d">{escape(told)}</desc>\n<style>{STYLE}</style>\n'
        f'<text class="title" x="0" y="20">{escape(title)}</text>\n'
        + "\n".join(body)
        + f'\n<text class="quiet" x="0" y="{height - 8}">{escape(below)}</text>\n</svg>\n'
    )


def _bar(bar: Bar, y: int, scale: float) -> list[str]:
    middle, value = y + BAR / 2, bar.value
    low, high = LABEL + value.low * scale, LABEL + value.high * scale
    lines = [
        f'<text x="{LABEL - 10}" y="{y + 13}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{bar.kind}" x="{LABEL}" y="{y}" width="{max(value.median * scale, 1):.1f}" '
        f'height="{BAR}" rx="2"/>',
    ]
    if high - low > 1:
        lines.append(
            f'<path class="spread" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
            f'M{high:.1f} {middle - 4}v8"/>'
        )
    at = max(high, LABEL + 1) + 8
    lines.append(f'<text class="number" x="{at:.1f}" y="{y + 13}">{value.median:,.0f}</text>')
    return lines


def _told(panel: Panel) -> str:
    bars = ", ".join(f"{bar.label} {bar.value.median:,.0f}" for bar in panel.bars)
    return f"{panel.title}: {bars}"
