"""The app's configuration: made from what the code uses, so that neither knows more."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
import pytest
from click.testing import CliRunner, Result

from connectors.shopify import app_config, app_proxy, privacy, topics
from connectors.shopify.client import OPERATIONS
from connectors.shopify.settings import OPTIONAL_SCOPES, SCOPES

CLIENT_ID = "a61950a2cbd5f32876b0b55587ec7a27"
HUB = "https://chat.example.com"
SCHEMA = OPERATIONS.parent / "schema" / "admin_2026-10.compact.json.gz"
# Scopes that no query needs, and what does.
BY_TOPIC = {"inventory_levels": "read_inventory", "fulfillments": "read_fulfillments"}
# Beyond what the schema says: refunds (a known hole in it), and orders older than 60 days.
UNSAID = {"refundCreate": "write_orders"}


def run(*arguments: str, **environment: str) -> Result:
    empty = {"SHOPIFY_CLIENT_ID": "", "PUBLIC_URL": ""}
    return CliRunner().invoke(
        app_config.command, ["app-config", *arguments], env=empty | environment
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "app"


@pytest.fixture
def made(folder: Path) -> dict[str, Any]:
    done = run("--client-id", CLIENT_ID, "--hub", HUB, "--output", str(folder))
    assert done.exit_code == 0, done.output
    return tomllib.loads((folder / "shopify.app.toml").read_text())


def subscribed(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in made["webhooks"]["subscriptions"]:
        for topic in (*one.get("topics", ()), *one.get("compliance_topics", ())):
            yield topic, one


def test_S6_the_app_is_described_as_shopifys_tool_wants_it(made: dict[str, Any]) -> None:
    assert made["client_id"] == CLIENT_ID and made["embedded"] is True
    assert 0 < len(made["name"]) <= 30
    assert made["application_url"] == f"{HUB}/shopify"
    assert made["auth"] == {"redirect_urls": [f"{HUB}/shopify/callback"]}
    assert made["app_proxy"] == {
        "url": f"{HUB}/shopify/proxy",
        "prefix": "apps",
        "subpath": "parley",
    }
    assert made["webhooks"]["api_version"] == "2026-10"
    assert "build" not in made  # its one field is refused by now


def test_S6_the_proxys_path_is_one_in_the_toml_the_check_and_the_block(
    made: dict[str, Any],
) -> None:
    proxy = made["app_proxy"]
    assert f"/{proxy['prefix']}/{proxy['subpath']}" == app_proxy.PATH
    block = app_config.EXTENSIONS / "parley-chat" / "blocks" / "parley-chat.liquid"
    assert f'data-proxy="{app_proxy.PATH}"' in block.read_text()


def test_S8_every_topic_the_code_handles_is_subscribed_once_and_no_other(
    made: dict[str, Any],
) -> None:
    found = [topic for topic, _ in subscribed(made)]
    assert len(found) == len(set(found))
    left_out = set(topics.TOPICS) - set(found)
    assert set(found) - {*topics.TOPICS, *privacy.TOPICS} == set()
    assert {topic.partition("/")[0] for topic in left_out} <= {"themes"}  # needs read_themes
    assert {one["uri"] for _, one in subscribed(made)} == {f"{HUB}/shopify/webhooks"}
    compliance = [topic for topic, one in subscribed(made) if "compliance_topics" in one]
    assert sorted(compliance) == ["customers/data_request", "customers/redact", "shop/redact"]


def test_S8_what_is_left_out_of_a_delivery_is_never_the_time(made: dict[str, Any]) -> None:
    for topic, one in subscribed(made):
        assert "updated_at" in one.get("include_fields", ["updated_at"]), topic


def test_S1_the_app_asks_for_what_its_operations_need_and_no_more(made: dict[str, Any]) -> None:
    asked = made["access_scopes"]["scopes"].split(",")
    assert tuple(asked) == SCOPES
    assert tuple(made["access_scopes"]["optional_scopes"]) == OPTIONAL_SCOPES
    needs = list(needed())
    granted = {*asked, *OPTIONAL_SCOPES}
    granted |= {f"read_{scope.partition('_')[2]}" for scope in granted}
    for where, any_of in needs:
        assert granted & set(any_of), where
    used = {scope for _, any_of in needs for scope in any_of}
    used |= {
        BY_TOPIC[word] for word in BY_TOPIC for topic in topics.TOPICS if topic.startswith(word)
    }
    used |= {"write_app_proxy", "read_all_orders"}
    assert granted_and_unused(asked, used) == []


def granted_and_unused(asked: list[str], used: set[str]) -> list[str]:
    return [scope for scope in (*asked, *OPTIONAL_SCOPES) if scope not in used]


def admin() -> dict[str, Any]:
    """Shopify's own description of its Admin API."""
    known: dict[str, Any] = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return known


def test_S8_every_topic_is_one_of_this_version_s(made: dict[str, Any]) -> None:
    schema = graphql.build_client_schema(admin()["schema"], assume_valid=True)
    kinds = schema.type_map["WebhookSubscriptionTopic"]
    assert isinstance(kinds, graphql.GraphQLEnumType)
    for topic, one in subscribed(made):
        if "topics" in one:
            assert topic.replace("/", "_").upper() in kinds.values


def needed() -> Iterator[tuple[str, list[str]]]:
    """Type or field, and the scopes of which it needs one, of every operation."""
    known = admin()
    schema = graphql.build_client_schema(known["schema"], assume_valid=True)
    for path in sorted(OPERATIONS.glob("*.graphql")):
        found = places(schema, graphql.parse(path.read_text()))
        for place in sorted(found):
            if place in known["scopes"]:
                yield f"{path.stem}: {place}", known["scopes"][place][1]
        for mutation, scope in UNSAID.items():
            if f"Mutation.{mutation}" in found:
                yield f"{path.stem}: {mutation}", [scope]


def places(schema: graphql.GraphQLSchema, document: graphql.DocumentNode) -> set[str]:
    """Every field a document asks for, as `Type.field`, and every type it is answered with."""
    info = graphql.TypeInfo(schema)
    found: set[str] = set()

    class Fields(graphql.Visitor):
        def enter_field(self, node: graphql.FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            found.add(f"{parent and parent.name}.{node.name.value}")
            found.add(str(graphql.get_named_type(info.get_type())))

    graphql.visit(document, graphql.TypeInfoVisitor(info, Fields()))
    return found


def test_S6_the_folder_is_ready_to_deploy(made: dict[str, Any], folder: Path) -> None:
    extension = folder / "extensions" / "parley-chat"
    assert tomllib.loads((extension / "shopify.extension.toml").read_text())["type"] == "theme"
    for part in ("blocks/parley-chat.liquid", "assets/parley-chat.js", "locales/de.json"):
        ours = app_config.EXTENSIONS / "parley-chat" / part
        assert (extension / part).read_bytes() == ours.read_bytes()
    assert json.loads((folder / "package.json").read_text())["private"] is True
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds <= {".toml", ".liquid", ".js", ".json"}


def test_S6_made_again_it_is_the_same_but_for_what_shopify_noted(
    made: dict[str, Any], folder: Path
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    settings = folder / "extensions" / "parley-chat" / "shopify.extension.toml"
    settings.write_text(settings.read_text() + '\nuid = "7d9c"\n')
    before[settings] = settings.read_bytes()
    stale = settings.parent / "assets" / "old.js"
    stale.write_text("// of an older version")
    again = run("--output", str(folder), SHOPIFY_CLIENT_ID=CLIENT_ID, PUBLIC_URL=f"{HUB}/")
    assert again.exit_code == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_S6_it_says_what_to_do_next(folder: Path) -> None:
    said = run("--client-id", CLIENT_ID, "--hub", HUB, "--output", str(folder)).output
    for words in (
        "@shopify/cli app deploy",
        "SHOPIFY_CLIENT_SECRET",
        f"{HUB}/console",
        str(folder),
    ):
        assert words in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--hub", HUB], "Client ID"),
        (["--hub", HUB, "--client-id", "shpss_a_secret"], "Client ID"),
        (["--client-id", CLIENT_ID], "PUBLIC_URL"),
        (["--client-id", CLIENT_ID, "--hub", "http://127.0.0.1:8000"], "https://"),
        (["--client-id", CLIENT_ID, "--hub", f"{HUB}/path"], "https://"),
        (["--client-id", CLIENT_ID, "--hub", HUB, "--name", "x" * 31], "30"),
    ],
)
def test_S6_what_is_missing_is_said_in_a_sentence(
    folder: Path, arguments: list[str], words: str
) -> None:
    done = run(*arguments, "--output", str(folder))
    assert done.exit_code == 2 and words in done.output
    assert not folder.exists()


def test_S6_a_name_is_data_and_not_toml() -> None:
    text = app_config.to_toml(CLIENT_ID, HUB, [], [], name='Kestrel "Chat" \\ ü')
    assert tomllib.loads(text)["name"] == 'Kestrel "Chat" \\ ü'
