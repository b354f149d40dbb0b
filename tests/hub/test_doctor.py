"""The doctor finds what is wrong with a set-up and says what to do; it changes nothing."""

from __future__ import annotations

import asyncio
import functools
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from connectors.testing.hubs import serve
from core import inbox, migrations
from core.crypto import Vault
from core.inbox import Received
from hub import setup
from hub.cli import main
from hub.settings import Settings
from tests.databases import on


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    """What the doctor finds, by part; and its exit code."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "1")  # where nobody answers

    def examine(url=None, **environment):
        if url:
            monkeypatch.setenv("DATABASE_URL", url)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(main, ["doctor", "--json"])
        found = json.loads(result.stdout)["findings"]
        return {one["part"]: (one["level"], one["text"]) for one in found}, result.exit_code

    return examine


def make_shop(url, tmp_path):
    vault = Vault(Settings(data_dir=tmp_path).secret_key)
    init = functools.partial(setup.init, vault=vault, public_url="http://localhost")
    return on(url, lambda db: init(db, name="Tea", email="a@b.example", password="long enough"))


def test_R7_a_good_setup_is_well_in_every_part(doctor, database_url, tmp_path):
    make_shop(database_url, tmp_path)
    found, code = doctor(database_url)
    assert {level for level, _ in found.values()} <= {"ok", "warn"}
    assert found["secrets"] == ("ok", "The key opens those of 1 workspaces.")
    assert found["schema"] == ("ok", migrations.HEAD)
    assert "a durable commit takes" in found["database"][1]
    assert "chat" in found["plugins"][1]
    assert code == 0


def test_a_key_that_others_can_read(doctor, sqlite_url, tmp_path):
    doctor(sqlite_url)
    (tmp_path / "secret.key").chmod(0o644)
    found, code = doctor()
    assert found["key"][0] == "problem"
    assert "chmod 600" in found["key"][1]
    assert code == 1


def test_a_key_that_does_not_open_what_is_sealed(doctor, sqlite_url, tmp_path):
    make_shop(sqlite_url, tmp_path)
    found, code = doctor(sqlite_url, SECRET_KEY="x7" * 24)
    assert found["secrets"][0] == "problem"
    assert "Tea" in found["secrets"][1]
    assert code == 1


def test_a_setting_that_makes_no_sense(doctor):
    found, code = doctor(PUBLIC_URL="chat.example.com")
    assert found == {"settings": ("problem", found["settings"][1])}
    assert "PUBLIC_URL" in found["settings"][1]
    assert code == 1


def test_an_address_without_https_is_warned_of(doctor, sqlite_url):
    found, code = doctor(sqlite_url, PUBLIC_URL="http://chat.example.com")
    assert found["settings"][0] == "warn"
    assert "https" in found["settings"][1]
    assert code == 0


def test_an_empty_database_is_left_as_it_is(doctor, tmp_path):
    found, code = doctor(f"sqlite:///{tmp_path / 'none.db'}")
    assert found["database"][0] == "warn"
    assert not (tmp_path / "none.db").exists()
    assert code == 0


def test_a_database_out_of_reach(doctor):
    found, code = doctor("postgresql://hub:geheim@127.0.0.1:1/parley")
    assert found["database"][0] == "problem"
    assert "geheim" not in found["database"][1]
    assert code == 1


def test_a_database_of_a_newer_parley(doctor, database_url):
    def pretend(connection):
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))

    asyncio.run(migrations.transact(database_url, pretend))
    found, code = doctor(database_url)
    assert found["schema"][0] == "problem"
    assert code == 1


def test_webhooks_that_were_given_up(doctor, sqlite_url, tmp_path):
    made = make_shop(sqlite_url, tmp_path)

    async def give_up(db):
        await db.batch(inbox.store, Received(made.workspace_id, "tea", "c", "orders/paid", b""))
        (row,) = await db.write(inbox.queue.claim, "lease", ["tea"])
        await db.batch(inbox.queue.settle, inbox.queue.outcome(row, "dead", "No."))

    on(sqlite_url, give_up)
    found, _ = doctor(sqlite_url)
    assert found["webhooks"] == ("warn", "1 were given up: hub replay shows why.")


def test_a_plugin_that_cannot_be_switched_on(doctor, sqlite_url, tmp_path):
    config = tmp_path / "plugins.toml"
    config.write_text('[[plugin]]\nmodule = "no.such.module"\n')
    found, code = doctor(sqlite_url, PLUGINS=str(config))
    assert found["plugins"][0] == "problem"
    assert "no.such.module" in found["plugins"][1]
    assert code == 1


def test_B2_few_open_files_are_warned_of_if_the_hub_cannot_raise_them_itself(
    doctor, sqlite_url, monkeypatch
):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
    assert doctor(sqlite_url)[0]["sockets"][0] == "warn"
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 65_536))
    assert "sockets" not in doctor(sqlite_url)[0]


async def test_a_hub_that_runs_is_asked_how_it_is(sqlite_url, tmp_path):
    async with serve(tmp_path, sqlite_url) as hub:
        given = {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": sqlite_url,
            "PORT": hub.url.rpartition(":")[2],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "HTTP_PROXY": "http://127.0.0.1:1",  # which is not asked
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "doctor", "--json"), env=given, stdout=subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(process.communicate(), 40)
    found = {one["part"]: one["level"] for one in json.loads(said)["findings"]}
    assert found["running"] == "ok", said
    assert b"parts are well" in said


def test_people_read_a_line_a_finding_and_a_sum(doctor, sqlite_url):
    doctor(sqlite_url)
    said = CliRunner().invoke(main, ["doctor"]).stdout.splitlines()
    assert said[0].startswith("ok       settings")
    assert said[-1] == "0 problems, 0 warnings."
    assert Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_A1_a_model_that_cannot_answer_is_named(doctor, monkeypatch):
    found, _ = doctor()
    assert "assistant" not in found
    found, code = doctor(AI_MODEL="some-model")
    assert (found["assistant"][0], "AI_BASE_URL" in found["assistant"][1], code) == (
        "warn",
        True,
        0,
    )
    monkeypatch.setattr("chat.assistant.providers.find_spec", lambda name: None)
    found, _ = doctor(AI_BASE_URL="https://models.example/v1", AI_API_KEY="a-secret-key")
    assert "packages for it are missing" in found["assistant"][1]
    assert "a-secret-key" not in str(found)
