"""The theme app extension: small, translated, and with no proof of anybody in the page."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from connectors.shopify import storefront
from connectors.shopify.app_config import EXTENSIONS

ROOT = EXTENSIONS / "parley-chat"
BLOCK = (ROOT / "blocks" / f"{storefront.BLOCK}.liquid").read_text()
SCRIPT = (ROOT / "assets" / "parley-chat.js").read_text()
SCHEMA: dict[str, Any] = json.loads(
    re.search(r"{% schema %}(.*?){% endschema %}", BLOCK, re.DOTALL)[1]  # type: ignore[index]
)
LANGUAGES = {"en.default", "de", "fr", "es", "pt-BR"}


def words(name: str) -> dict[str, str]:
    """A language's words by their dotted keys."""

    def flat(part: Any, path: str) -> dict[str, str]:
        if isinstance(part, str):
            return {path: part}
        return {k: v for key in part for k, v in flat(part[key], f"{path}.{key}").items()}

    return flat(json.loads((ROOT / "locales" / f"{name}.json").read_text()), "")


def test_S6_the_embed_is_one_block_for_the_body() -> None:
    assert SCHEMA["target"] == "body" and SCHEMA["javascript"] == "parley-chat.js"
    assert tomllib.loads((ROOT / "shopify.extension.toml").read_text())["type"] == "theme"
    assert len(storefront.BLOCK) <= 25
    assert {part.name for part in ROOT.iterdir()} == {
        "assets",
        "blocks",
        "locales",
        "shopify.extension.toml",
    }


def test_S6_the_script_has_at_most_ten_kilobytes() -> None:
    assert len(SCRIPT.encode()) <= 10_000


def test_S6_the_script_adds_no_markup_runs_no_strings_and_keeps_no_cookie() -> None:
    for never in ("innerHTML", "eval(", "Function(", "document.write", "document.cookie", "http:/"):
        assert never not in SCRIPT
    assert "console." not in SCRIPT


def test_S6_the_page_names_no_customer() -> None:
    liquid = BLOCK.partition("{% schema %}")[0]
    assert re.findall(r"customer\.\w+", liquid) == []
    assert "{{ customer" not in liquid
    for printed in re.findall(r"{{(.*?)}}", liquid):
        assert printed.strip().endswith(("| escape", "| t")), printed


def test_S6_the_block_reads_the_metafields_that_are_written() -> None:
    read = set(re.findall(rf"app\.metafields\.{storefront.NAMESPACE}\.(\w+)\.value", BLOCK))
    assert read == {"app_id", "hub"}


@pytest.mark.parametrize("kind", ["", ".schema"])
def test_S6_every_language_says_all_there_is_to_say(kind: str) -> None:
    english = words(f"en.default{kind}")
    for language in LANGUAGES:
        said = words(f"{language}{kind}")
        assert said.keys() == english.keys(), language
        assert all(said.values())
    assert {path.stem.removesuffix(".schema") for path in (ROOT / "locales").iterdir()} == LANGUAGES


def test_S6_every_setting_is_an_attribute_of_the_tag() -> None:
    for setting in SCHEMA["settings"]:
        if "id" in setting:
            attribute = f"data-{setting['id'].replace('_', '-')}"
            assert f'{attribute}="{{{{ block.settings.{setting["id"]} | escape }}}}"' in BLOCK
    known = words("en.default.schema")
    for key in re.findall(r'"t:([\w.]+)"', BLOCK):
        assert f".{key}" in known
