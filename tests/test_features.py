"""docs/features.md is true: every test it names exists, nothing done is without one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \| (done|part: .+|later, .+) \| (.*) \|$", re.M)
ROWS = ROW.findall((ROOT / "docs/features.md").read_text())
SOURCES = "\n".join(
    path.read_text()
    for pattern in (
        "tests/**/*.py",
        "connectors/testing/*.py",
        "widget/test/*.ts*",
        "hub/console/tests/*.ts*",
    )
    for path in ROOT.glob(pattern)
)


def test_every_promise_has_a_row() -> None:
    ids = [id_ for id_, *_ in ROWS]
    assert len(ids) == len(set(ids))
    assert len(ids) > 100


def test_every_test_that_is_named_exists() -> None:
    for id_, _, _, tests in ROWS:
        for name in re.findall(r"`([^`]+)`", tests):
            assert name in SOURCES, f"{id_} names {name}, which is not there"


def test_what_is_done_is_tested_and_what_is_later_claims_nothing() -> None:
    for id_, _, state, tests in ROWS:
        assert bool(tests) == (not state.startswith("later")), f"{id_} is {state}"
