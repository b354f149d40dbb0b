"""`python -m benchmarks chat|ingest [--quick]`: measure, print the table, keep the results."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

import uvloop

from benchmarks import chat, cores, ingest
from benchmarks.plan import FULL, QUICK
from benchmarks.report import DOCS, RESULTS

RUNS = {"chat": chat.run, "ingest": ingest.run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("what", choices=RUNS)
    parser.add_argument("--quick", action="store_true", help="a smoke run; saves nothing")
    parser.add_argument("--out", type=Path, help="save results and chart in this folder instead")
    chosen = parser.parse_args()
    if problem := cores.problem():
        sys.exit(f"cannot measure here: {problem}")
    started = time.perf_counter()
    with cores.pinned(cores.LOAD), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        plan = QUICK if chosen.quick else FULL
        report, picture = runner.run(RUNS[chosen.what](plan, lambda line: print(line, flush=True)))
    print(f"\n{report.markdown()}\ntook {time.perf_counter() - started:.0f} s")
    if chosen.out:
        report.save(picture, results=chosen.out, docs=chosen.out)
    elif not chosen.quick:
        report.save(picture, results=RESULTS, docs=DOCS)


main()
