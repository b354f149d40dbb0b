"""How the ingest run is told: its columns, its ratios with their targets, its chart."""

from __future__ import annotations

from benchmarks.chart import Bar, Panel, chart
from benchmarks.ingest_peers import EACH, TURN
from benchmarks.numbers import Ratio, spread
from benchmarks.report import Report, column, medians

PHASES = {
    "new": "batches of 100, new: rows/s",
    "changed": "posted again, changed: rows/s",
    "unchanged": "posted again, unchanged: rows/s",
    "single": "batches of 1 on 64 connections: requests/s",
}
RATIOS = (
    Ratio("new ÷ sqlite3 executemany", "hub", "sqlite_100", "≥ 0.4", "new"),
    Ratio("new ÷ fastify, a commit per request", "hub", EACH.name, "", "new"),
    Ratio("changed ÷ fastify, a commit per request", "hub", EACH.name, "", "changed"),
    Ratio("unchanged ÷ fastify, a commit per request", "hub", EACH.name, "", "unchanged"),
    Ratio("batches of 1 ÷ fastify, a commit per request", "hub", EACH.name, "", "single"),
    Ratio("batches of 1 ÷ fastify, group commit", "hub", TURN.name, "", "single"),
    Ratio("unchanged ÷ changed", "hub", "hub", "", "unchanged", "changed"),
)
COLUMNS = {
    **{title: column(phase) for phase, title in PHASES.items()},
    "p99 ms: new / 1 on 64": medians("new_p99", "single_p99"),
    "busy: server / load": medians("new_server_busy", "new_load_busy", write="{:.2f}"),
    "MiB": medians("memory_mib", write="{:.0f}"),
}
NOTES = (
    "Orders of 240 bytes over HTTP with a bearer key, on 8 connections; each answer follows the "
    "commit (`synchronous=FULL`) and says what became of each row. What was answered must be in "
    "the database.",
    "fastify validates with its own JSON schema and upserts customer and record; the hub is the "
    "whole product, with its status history, its event log and its live screens.",
)


def picture(report: Report) -> str:
    m = report.machine
    return chart(
        "Customer-Data API: saved over HTTP",
        f"Median and range of {len(report.rounds)} rounds; one core of {m['cpu']}; {m['date']}",
        [Panel(title, _bars(report, phase)) for phase, title in PHASES.items()],
    )


def _bars(report: Report, phase: str) -> list[Bar]:
    return [
        Bar(label, _kind(name), found)
        for name, label in report.labels.items()
        if name != "sink" and (found := spread(report.rounds, name, phase))
    ]


def _kind(name: str) -> str:
    return "ours" if "hub" in name else "limit" if name.startswith("sqlite") else "peer"
