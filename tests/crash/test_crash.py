"""Nothing acknowledged is lost, whenever the hub dies; and the harness would notice if it were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.crash.harness import Crash

pytestmark = pytest.mark.anyio
KILLS = int(os.environ.get("CRASH_KILLS", "100"))


@pytest.mark.timeout(1200)
async def test_D_1_a_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    verdict = await Crash(tmp_path).run(kills=KILLS, seed=20261122)
    print(  # noqa: T201 (what the run was worth)
        f"\n{verdict.kills} kills, {verdict.acked} messages and {verdict.recorded} records kept"
    )
    assert verdict.problems == []
    assert verdict.acked > 10 * KILLS
    assert verdict.recorded > 10 * KILLS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", ["ack_before_commit", "no_unique_id"])
async def test_D_1_the_harness_catches_a_deliberate_fault(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASH_FAULT", fault)
    verdict = await Crash(tmp_path, launcher="tests.crash.faulty_hub").run(kills=15, seed=7)
    expected = {"ack_before_commit": "lost", "no_unique_id": "kept twice"}[fault]
    assert any(expected in problem for problem in verdict.problems), verdict
