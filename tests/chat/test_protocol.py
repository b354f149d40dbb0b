"""The protocol's page shows every frame, and every example on it is one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Union

import msgspec
import pytest

from chat import typescript
from chat.protocol import CLIENT_FRAMES, SERVER_FRAMES, WHO_MAY
from core.access import Access
from core.events import EVENTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/protocol.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
SHOWN = {frame for frame in EVENTS if frame.audience != "hub"}


def tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


@pytest.mark.parametrize("frames", [CLIENT_FRAMES, SERVER_FRAMES, tuple(SHOWN)])
def test_every_frame_has_an_example_that_is_exactly_it(frames: tuple[Any, ...]) -> None:
    decoder = msgspec.json.Decoder(Union[frames])  # noqa: UP007
    for frame in frames:
        mine = [example for example in EXAMPLES if example["type"] == tag(frame)]
        assert mine, f"docs/protocol.md shows no {tag(frame)}"
        for example in mine:  # `typing` is a word of both sides
            example = {k: v for k, v in example.items() if frame not in EVENTS or k != "seq"}
            try:
                decoded = decoder.decode(json.dumps(example))
            except msgspec.ValidationError:
                continue
            if json.loads(msgspec.json.encode(decoded)).items() >= example.items():
                break
        else:
            pytest.fail(f"no example of {tag(frame)} is one")


def test_T1_every_frame_declares_who_may_send_it() -> None:
    assert set(WHO_MAY) == set(CLIENT_FRAMES)
    assert all(isinstance(access, Access) for access in WHO_MAY.values())


def test_the_typescript_types_are_fresh() -> None:
    assert (ROOT / "chat/protocol.ts").read_text() == typescript.render(), (
        "run `python -m chat.typescript`"
    )
