"""How the chat run is told: its columns, its ratios with their targets, its chart."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.chart import Bar, Panel, chart
from benchmarks.chat_peers import EACH, NO_STORE, TURN
from benchmarks.numbers import Ratio, Round, spread
from benchmarks.report import Report, column, medians

SLOW = "slow_"  # the prefix of a peer's name on the slow disk
SLOW_LABEL = "fsync ≥ 2 ms: "
ENOUGH = 980  # messages/s from which on 1,000 count as kept up with

RATIOS = (
    Ratio("÷ socket.io + better-sqlite3, a commit per message", "hub", EACH.name, "≥ 1.5"),
    Ratio("÷ socket.io + better-sqlite3, group commit", "hub", TURN.name, "≥ 0.9"),
    Ratio("÷ the hub itself without persistence", "hub", "hub_no_store", "≥ 0.55"),
    Ratio("p99 at 1,000/s ÷ socket.io, no store", "hub", NO_STORE.name, "≤ 1.5", "open_p99"),
    Ratio(f"{SLOW_LABEL}÷ a commit per message", f"{SLOW}hub", SLOW + EACH.name, "≥ 15"),
    Ratio(f"{SLOW_LABEL}÷ group commit", f"{SLOW}hub", SLOW + TURN.name, "≥ 0.9"),
)


def paced(rounds: Sequence[Round], peer: str) -> str:
    """The delays at a steady rate; who could not keep up says what was reached."""
    rate = spread(rounds, peer, "open_rate")
    if rate is None:
        return "–"
    told = medians("open_p50", "open_p99")(rounds, peer)
    return told if rate.median > ENOUGH else f"{told} (only {rate.median:,.0f}/s)"


COLUMNS = {
    "messages/s, closed loop": column("rate"),
    "p50 / p99 ms": medians("p50", "p99"),
    "at 1,000/s: p50 / p99 ms": paced,
    "per CPU-second": medians("per_cpu_second", write="{:,.0f}"),
    "busy: server / load": medians("server_busy", "load_busy", write="{:.2f}"),
    "MiB": medians("memory_mib", write="{:.0f}"),
}
NOTES = (
    "a visitor and an agent speak in turn, each message when the one before is done: when its "
    "sender has the acknowledgement, which follows the commit (`synchronous=FULL`), and both sides "
    "have heard it. Each peer is started anew every round, warmed up, and checked: what it "
    "acknowledged must be in its database.",
    "The peers keep a row per message and nothing else; the hub is the whole product, with its "
    "inbox, its event log for resuming and its access rules.",
)


def picture(report: Report) -> str:
    def bars(names: Sequence[str]) -> list[Bar]:
        return [
            Bar(report.labels[name].removeprefix(SLOW_LABEL), _kind(name), found)
            for name in names
            if (found := spread(report.rounds, name, "rate"))
        ]

    limits = [name for name, label in report.labels.items() if label.startswith("limit")]
    slow = [name for name in report.labels if name.startswith(SLOW)]
    usual = [name for name in report.labels if name not in (*limits, *slow)]
    m = report.machine
    return chart(
        "Chat: messages a second, saved and heard on both sides",
        f"Median and range of {len(report.rounds)} rounds; one core of {m['cpu']}; {m['date']}",
        [
            Panel(f"This machine's disk (fsync {m['fsync_ms']} ms)", bars(usual)),
            Panel("Every fsync slowed to 2 ms", bars(slow)),
        ],
    )


def _kind(name: str) -> str:
    return {"hub": "ours", f"{SLOW}hub": "ours", "hub_no_store": "limit"}.get(name, "peer")
