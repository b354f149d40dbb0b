"""Logs: one line an event, whatever happens, and nothing in them that opens a door."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest
import structlog

from core.access import SCOPES
from core.ids import new_id, random_text
from core.redact import without_secrets
from hub.logs import configure_logs
from hub.settings import Settings

TOKEN = random_text(43)
SECRETS = {
    "an API key": f"key wgk_{random_text(24)} refused",
    "a visitor's token": f"vst_{random_text(32)}",
    "a session's cookie": f"parley_session={TOKEN}; Path=/",
    "a header": f"Authorization: Bearer {random_text(20)}",
    "a header of another kind": "authorization: Basic dXNlcjpwYXNzd29yZA==",
    "headers in a repr": f"{{'authorization': 'Bearer {random_text(12)}', 'host': 'x'}}",
    "a ticket": f'{{"type":"hello","ticket":"{random_text(40)}"}}',
    "a short ticket by its name": '{"ticket": "short1"}',
    "a password in a body": '{"email":"a@b.example","password":"hunter2 was long"}'.replace(
        " ", ""
    ),
    "a database's password": "postgresql://hub:correct-horse@db.example:5432/parley",
    "a vendor's key": f"ck_{'0123456789abcdef' * 2}01234567",
    "an address's query": f"GET /cb?code=1&hmac={'ab12' * 16}&shop=x",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl",
    "an identity secret": random_text(48),
    "a row's values": "DETAIL:  Key (email)=(rosa@shop.example) already exists.",
}
OPENS = [
    TOKEN,
    "hunter2",
    "correct-horse",
    "dXNlcjpwYXNzd29yZA",
    "short1",
    "rosa@shop.example",
    "c2lnbmF0dXJl",
]


@pytest.fixture
def restore_logs():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = before


@pytest.mark.parametrize("line", SECRETS.values(), ids=SECRETS)
def test_V7_what_looks_like_a_secret_is_hidden(line):
    shown = without_secrets(line)
    assert "•••" in shown
    assert not [word for word in OPENS if word in shown]
    for word in line.replace('"', " ").split():
        if len(word) > 30 and word.isalnum():
            assert word not in shown


@pytest.mark.parametrize(
    "line",
    [
        f"workspace={new_id('wsp')} conversation={new_id('cnv')} app=icw_{random_text(24)}",
        "request method=POST ms=18.8 request=0jTGhUOnALsF route=/console/api/ticket status=200",
        "schema 0001_foundation: done after 0.3 s",
        'File "/srv/parley/core/a_module_with_a_rather_long_name_indeed.py", line 3, in tokens',
        f"scopes={','.join(SCOPES)} widget=0b9c1d3e-6a7f-4c1e-9b0a-5f1d2c3b4a59",
        "https://hub.example/v1/chat/ingest/records",
    ],
)
def test_what_helps_an_operator_stays(line):
    assert without_secrets(line) == line


@pytest.mark.parametrize("form", ["console", "json"])
def test_V7_no_line_of_any_logger_holds_a_secret(tmp_path, capsys, restore_logs, form):
    configure_logs(Settings(data_dir=tmp_path, log_level="debug", log_format=form))
    log = structlog.get_logger("hub")
    for line in SECRETS.values():
        log.info(line, detail=line, headers={"cookie": line})
        logging.getLogger("a.library").warning("said %s", line)

    def fail(password):
        key = password
        raise RuntimeError(f"cannot use {key}")

    try:
        fail(f"wgk_{TOKEN}")
    except RuntimeError:
        log.exception("failed")
    said = capsys.readouterr().err
    assert said.count("•••") > 3 * len(SECRETS)
    assert "RuntimeError" in said
    assert not [word for word in OPENS if word in said]


def test_a_line_for_machines_is_one_json_object(tmp_path, capsys, restore_logs):
    configure_logs(Settings(data_dir=tmp_path, log_format="json"))
    structlog.contextvars.bind_contextvars(request="abc123")
    structlog.get_logger("hub.bus").warning("bus_disconnected", error="line one\nline two")
    structlog.contextvars.clear_contextvars()
    structlog.get_logger("hub").debug("too fine for the level")
    logging.getLogger("asyncio").error("a library")
    first, second = capsys.readouterr().err.splitlines()
    line = json.loads(first)
    assert line.pop("timestamp")
    assert line == {
        "event": "bus_disconnected",
        "logger": "hub.bus",
        "level": "warning",
        "request": "abc123",
        "error": "line one\nline two",
    }
    assert json.loads(second)["event"] == "a library"


def test_D_6_a_log_that_cannot_be_written_fails_nothing(tmp_path):
    code = """if True:
        import sys
        from pathlib import Path
        import structlog
        from hub.logs import configure_logs
        from hub.settings import Settings
        configure_logs(Settings(data_dir=Path(sys.argv[1])))
        structlog.get_logger("hub").error("nobody will read this")
        print("went on")
        """
    with open("/dev/full", "w") as full:  # every write says: no space left
        said = subprocess.run(
            [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, stderr=full, text=True
        )
    assert said.stdout == "went on\n"
