"""The `hub` command: quick to answer, plain when it refuses, JSON when asked."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys

import pytest
import structlog
from click.testing import CliRunner

from core.agents import account_by_email
from core.api_keys import principal_by_key
from core.crypto import Vault, hash_token
from core.identity_secrets import valid_secrets
from core.sessions import session_by_token, sign_in, sign_in_by_link
from hub.cli import COMMANDS, main
from hub.passwords import verify_password
from tests.databases import on

PASSWORD = "twelve blue herons"
EMAIL = "nadia@kestrel.example"


@pytest.fixture(autouse=True)
def operator(monkeypatch, tmp_path):
    """A machine with nothing but a data directory."""
    for name in ("SECRET_KEY", "PUBLIC_URL", "DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    yield tmp_path / "data"
    structlog.reset_defaults()


def hub(*arguments, code=0, typed=None):
    outcome = CliRunner().invoke(main, arguments, input=typed)
    assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
    return outcome


def init(name="Kestrel", email=EMAIL, password=PASSWORD):
    outcome = hub("init", "--workspace", name, "--email", email, "--password", password, "--json")
    return json.loads(outcome.stdout)


def refusal(*arguments, code=1):
    """The one sentence on standard error."""
    outcome = hub(*arguments, code=code)
    assert outcome.stdout == ""
    (line,) = outcome.stderr.splitlines()
    return line


def ask(operator, fn, write=False):
    """The answer of a unit of work on the operator's database."""
    url = f"sqlite:///{operator}/parley.db"
    return on(url, lambda db: (db.write if write else db.read)(fn))


# The command itself -----------------------------------------------------------------------


def test_the_version_waits_for_no_library():
    program = (
        "import sys\n"
        "from hub.cli import main\n"
        "try: main([sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlmodel', 'alembic', 'starlette', 'sqlalchemy', 'pydantic', 'cryptography'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "arley" in asked.stdout


def test_every_command_listed_is_there_and_says_what_it_does():
    listed = hub("--help").stdout
    for name in main.list_commands(None):
        assert COMMANDS[name] in listed
        assert "Usage" in hub(name, "--help").stdout


def test_an_unknown_command_or_option_is_a_usage_error():
    assert "No such command" in hub("fly", code=2).stderr
    assert "No such option" in hub("keys", "list", "--fly", code=2).stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "changeme", "known example"),
        ("PORT", "many", "PORT"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/x", "127.0.0.1"),
        ("DATA_DIR", "/proc/nowhere", "DATA_DIR"),
    ],
)
def test_what_an_operator_can_mend_is_one_sentence(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    assert words in refusal("keys", "list")


def test_a_command_before_the_first_start_says_what_to_run(operator):
    assert "hub migrate" in refusal("keys", "list")


# init -------------------------------------------------------------------------------------


def test_G8_init_makes_a_workspace_that_is_ready_to_use(monkeypatch, operator):
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.com")
    made = init()
    assert set(made) == {
        "workspace_id",
        "app_id",
        "identity_secret",
        "widget_id",
        "api_key",
        "console_url",
    }
    assert re.fullmatch(r"icw_[0-9A-Za-z]{24}", made["app_id"])
    url, _, token = made["console_url"].partition("#signin=")
    assert url == "https://chat.example.com/console"

    opened = ask(operator, lambda w: sign_in_by_link(w, token, "", ""), write=True)
    assert opened.principal.workspace_id == made["workspace_id"]
    key = ask(operator, lambda w: principal_by_key(w, hash_token(made["api_key"])))
    assert key.scopes == {"identify", "records", "products", "widgets"}
    vault = Vault((operator / "secret.key").read_text().strip())
    secrets = ask(operator, lambda w: valid_secrets(w, vault, made["workspace_id"]))
    assert secrets == [made["identity_secret"]]


def test_init_again_adds_a_workspace_for_the_same_person(operator):
    first, second = init(), init("Northfold", EMAIL.upper())
    assert first["workspace_id"] != second["workspace_id"]
    listed = json.loads(hub("user", "list", "--workspace", "Northfold", "--json").stdout)
    assert [(user["email"], user["role"]) for user in listed] == [(EMAIL, "owner")]


def test_init_with_another_password_is_refused_and_changes_nothing():
    init()
    args = ("init", "--workspace", "Northfold", "--email", EMAIL, "--password", "another one")
    assert "another password" in refusal(*args, "--json")
    assert "no workspace" in refusal("keys", "list", "--workspace", "Northfold")


@pytest.mark.parametrize(
    ("name", "email", "password", "words"),
    [
        ("K", EMAIL, "short77", "at least 8"),
        ("K", "nadia", PASSWORD, "e-mail"),
        (" ", EMAIL, PASSWORD, "name"),
    ],
)
def test_init_refuses_what_it_cannot_use(name, email, password, words):
    args = ("init", "--workspace", name, "--email", email, "--password", password)
    assert words in refusal(*args)


def test_init_asks_for_what_is_missing_and_keeps_json_alone_on_standard_output():
    outcome = hub("init", "--workspace", "Kestrel", "--json", typed=f"{EMAIL}\n{PASSWORD}\n")
    assert json.loads(outcome.stdout)["workspace_id"]
    assert "password" in outcome.stderr
    assert PASSWORD not in outcome.stderr


def test_init_prints_the_link_for_people():
    args = ("init", "--workspace", "Kestrel", "--email", EMAIL, "--password", PASSWORD)
    assert "http://127.0.0.1:8000/console#signin=" in hub(*args).stdout


# keys -------------------------------------------------------------------------------------


def test_D2_a_key_is_made_listed_and_revoked(operator):
    init()
    made = json.loads(
        hub("keys", "create", "--scopes", "identify,records", "--name", "Worker", "--json").stdout
    )
    assert made["scopes"] == ["identify", "records"]
    listed = hub("keys", "list", "--json").stdout
    assert made["key"] not in listed
    assert {key["name"] for key in json.loads(listed)} == {"Worker", "First key"}
    assert made["hint"] in hub("keys", "list").stdout
    hub("keys", "revoke", made["id"])
    assert ask(operator, lambda w: principal_by_key(w, hash_token(made["key"]))) is None
    assert "no such key" in refusal("keys", "revoke", made["id"])


def test_D2_unknown_scopes_are_refused():
    init()
    assert "identify, records" in refusal("keys", "create", "--scopes", "everything")


def test_one_of_several_workspaces_must_be_named():
    first, second = init(), init("Northfold")
    said = refusal("keys", "list")
    assert "Kestrel" in said
    assert "Northfold" in said
    for name in ("Northfold", second["workspace_id"], second["app_id"]):
        listed = json.loads(hub("keys", "list", "--workspace", name, "--json").stdout)
        assert {key["workspace_id"] for key in listed} == {second["workspace_id"]}
    init("Kestrel")
    assert first["workspace_id"] in refusal("keys", "list", "--workspace", "Kestrel")


# user -------------------------------------------------------------------------------------


def test_R6_a_colleague_is_added_changed_and_removed(operator):
    init()
    ines = "ines@kestrel.example"
    args = ("user", "add", ines, "--name", "Ines Calder", "--password", PASSWORD, "--json")
    added = json.loads(hub(*args).stdout)
    assert (added["name"], added["role"]) == ("Ines Calder", "agent")
    token = added["signin_url"].partition("#signin=")[2]
    assert ask(operator, lambda w: sign_in_by_link(w, token, "", ""), write=True)
    hub("user", "role", ines, "admin")
    assert "admin" in hub("user", "list").stdout
    hub("user", "remove", ines)
    assert ines not in hub("user", "list").stdout
    assert "Nobody" in refusal("user", "role", ines, "agent")
    assert "#signin=" in hub("user", "link", EMAIL).stdout


def test_R6_a_new_password_signs_out_everywhere(operator):
    init()

    def enter(work):
        return sign_in(work, account_by_email(work, EMAIL).id, "", "").token

    token = ask(operator, enter, write=True)
    hub("user", "password", EMAIL, typed=f"{PASSWORD} too\n{PASSWORD} too\n")
    assert ask(operator, lambda w: session_by_token(w, hash_token(token))) is None
    kept = ask(operator, lambda w: account_by_email(w, EMAIL).password_hash)
    assert asyncio.run(verify_password(kept, f"{PASSWORD} too"))
    assert "no account" in refusal("user", "password", "x@y.example", "--password", PASSWORD)


@pytest.mark.parametrize("password", ["short", "password1234", "nadia-nadia-1", "123456789012"])
def test_R6_a_guessable_password_is_refused(password):
    init()
    assert "password" in refusal("user", "password", EMAIL, "--password", password)


def test_the_last_owner_cannot_be_removed():
    init()
    assert "owner" in refusal("user", "remove", EMAIL)
    assert "owner" in refusal("user", "role", EMAIL, "agent")
