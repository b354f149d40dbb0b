"""`python -m benchmarks [NAME] [--quick]`: measures, prints and keeps the results."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

import uvloop

from benchmarks import catalog, chat, cores, ingest, start, webhooks
from benchmarks.assistant import run as assistant
from benchmarks.plan import CATALOG, FULL, INGEST, QUICK, Plan
from benchmarks.report import DOCS, RESULTS


class Kept(Protocol):
    """What a run leaves behind."""

    def markdown(self) -> str: ...
    def save(self, chart: str | None, *, results: Path, docs: Path) -> None: ...


Run = Callable[[Plan, Callable[[str], None]], Coroutine[Any, Any, tuple[Kept, str | None]]]
RUNS: dict[str, tuple[Run, Plan]] = {
    "chat": (chat.run, FULL),
    "ingest": (ingest.run, INGEST),
    "start": (start.run, FULL),
    "catalog": (catalog.run, CATALOG),
    "webhooks": (webhooks.run, INGEST),
    "assistant": (assistant.run, CATALOG),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("what", choices=RUNS, nargs="?", help="without it: all, one by one")
    parser.add_argument("--quick", action="store_true", help="a smoke run; saves nothing")
    parser.add_argument("--out", type=Path, help="save results and chart in this folder instead")
    chosen = parser.parse_args()
    if problem := cores.problem():
        sys.exit(f"cannot measure here: {problem}")
    for name in [chosen.what] if chosen.what else RUNS:
        measure(name, chosen.quick, chosen.out)


def measure(name: str, quick: bool, out: Path | None) -> None:
    """One run; a full one is saved where the README looks for it."""
    started = time.perf_counter()
    run, full = RUNS[name]
    plan = QUICK if quick else full
    with cores.pinned(cores.LOAD), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report, picture = runner.run(run(plan, lambda line: print(line, flush=True)))
    print(f"\n{report.markdown()}\ntook {time.perf_counter() - started:.0f} s")
    if out:
        report.save(picture, results=out, docs=out)
    elif not quick:
        report.save(picture, results=RESULTS, docs=DOCS)


if __name__ == "__main__":
    main()
