"""The WordPress plugin, run by real PHP: pages, identity, orders, settings, what is left of it."""

from __future__ import annotations

import asyncio
import gettext
import hashlib
import hmac
import io
import json
import re
import subprocess
import zipfile
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.woocommerce import plugin_zip
from tests.connectors.woocommerce.stage import (
    ANNA,
    API_KEY,
    APP_ID,
    HUB,
    PLUGIN,
    SECRET,
    options,
    order,
    php,
    play,
)

pytestmark = pytest.mark.php

FILES = sorted(PLUGIN.rglob("*.php"))
HOSTILE = """<!--<script></script><script>alert(1)</script>"' onload=alert(1) &quot;\u2028"""
ASK = ["rest", "POST", "parley/v1/identity"]
SAME = {"sec_fetch_site": "same-origin"}


def where(path: Path) -> str:
    return str(path.relative_to(PLUGIN))


# The files


@pytest.mark.parametrize("path", FILES, ids=where)
def test_every_file_is_sound_php(path: Path) -> None:
    done = subprocess.run([php(), "-l", path], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=where)
def test_every_file_is_written_as_wordpress_wants_it(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("<?php\n/**\n") and text.endswith("\n") and not text.endswith("?>\n")
    assert not re.search(r"^ (?! ?\*)", text, re.M), "indented by spaces"
    guard = "WP_UNINSTALL_PLUGIN" if path.name == "uninstall.php" else "ABSPATH"
    assert f"defined( '{guard}' ) || exit;" in text
    names = re.findall(r"^(?:function |const |define\( ')(\w+)", text, re.M)
    assert [name for name in names if not name.lower().startswith("parley_")] == []
    assert not re.search(r"(?<![=!])==(?!=)|!=(?!=)", text), "a loose comparison"
    for call in re.findall(r"(?:__|esc_html__|esc_html_e)\( '(?:[^'\\]|\\.)*'([^)]*)\)", text):
        assert call == ", 'parley' ", "a text of no domain"


def test_the_script_is_small_and_the_plugin_fetches_nothing_from_elsewhere() -> None:
    assert (PLUGIN / "assets/parley.js").stat().st_size <= 2048
    for path in PLUGIN.rglob("*.*"):
        if path.suffix in (".php", ".js"):
            hosts = set(re.findall(r"https?://([\w.-]+\w)", path.read_text()))
            assert hosts <= {"chat.example.com", "www.apache.org"}, where(path)


def test_the_version_is_the_same_everywhere() -> None:
    main, readme = (PLUGIN / "parley.php").read_text(), (PLUGIN / "readme.txt").read_text()
    (version,) = re.findall(r"^ \* Version: +(\S+)$", main, re.M)
    assert f"define( 'PARLEY_VERSION', '{version}' );" in main
    assert f"Stable tag: {version}\n" in readme and f"= {version} =\n" in readme
    for name in ("Requires at least", "Requires PHP"):
        (one,) = re.findall(rf"{name}: +(\S+)", main)
        assert f"{name}: {one}\n" in readme


# Every page


def test_C1_every_page_has_the_stub_first_and_the_hubs_script_at_its_end() -> None:
    (page,) = play(["page"])["said"]
    head, _, body = page.partition("<body>")
    assert "SoftbetChat.q" in head and "widget.js" not in head
    tag = f'<script data-app-id="{APP_ID}" src="{HUB}/widget.js" id="parley-widget-js" defer'
    assert tag in body


def test_C7_a_page_is_the_same_for_everyone() -> None:
    (guests,) = play(["page"])["said"]
    (annas,) = play(["page"], logged_in=2)["said"]
    assert guests == annas
    assert not [word for word in ("Anna", "cust1", SECRET, API_KEY) if word in annas]


def test_a_page_reads_no_secrets() -> None:
    assert "parley_secrets" not in play(["page"], logged_in=2)["loaded"]


def test_without_settings_there_is_no_chat_and_without_a_secret_no_question() -> None:
    assert play(["page"], options={})["said"] == ["<body>"]
    assert play(["page"], options={"parley_settings": "spoilt"})["said"] == ["<body>"]
    (page,) = play(["page"], options=options(secret=""))["said"]
    assert "widget.js" in page and "parley.js" not in page


def test_B4_hostile_settings_stay_text() -> None:
    settings = options(hub="javascript:alert(1)//", app_id=HOSTILE)
    (page,) = play(["page"], options=settings, rest=f"/{HOSTILE}/")["said"]
    assert "<!--" not in page, "it would hide the end of the script"
    reader = Reader()
    reader.feed(page)
    assert reader.tags == ["script", "body", "script", "script", "script"]
    assert reader.names == {"id", "src", "defer", "data-wp-strategy", "data-app-id"}
    assert {"data-app-id": HOSTILE}.items() <= reader.said[-1].items()
    assert reader.said[-1]["src"] == "", "a script of no address"


class Reader(HTMLParser):
    """Which tags and attributes a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.said: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.said.append(dict(attrs))
        self.names |= {name for name, _ in attrs}


# Who is logged in


def test_C7_a_guest_is_told_nothing_and_no_cache_may_keep_it() -> None:
    (answer,) = play([*ASK, SAME])["said"]
    assert answer[:2] == [204, None]
    assert answer[2] == {"Cache-Control": "no-store, private", "Vary": "Cookie"}


def test_C4_C7_whoever_is_logged_in_is_signed() -> None:
    ((status, said, headers),) = play([*ASK, SAME], logged_in=2)["said"]
    hash_ = hmac.new(SECRET.encode(), b"2", hashlib.sha256).hexdigest()
    names = {"name": ANNA["display_name"], "email": ANNA["user_email"]}
    assert (status, said) == (200, {"user_id": "2", "user_hash": hash_, **names})
    assert headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site", "origin": "https://shop.example"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "https://shop.example.evil.example"},
        {"origin": "https://shop.example:8443"},
        {"origin": "null"},
        {"origin": ""},
        {},
    ],
)
def test_V2_no_other_site_learns_who_is_logged_in(headers: dict[str, str]) -> None:
    (answer,) = play([*ASK, headers], logged_in=2)["said"]
    assert answer[:2] == [403, {"code": "parley_foreign_page"}]


def test_C7_an_old_browser_is_known_by_its_origin_whatever_name_the_shop_has() -> None:
    for headers in (
        {"origin": "https://shop.example"},
        {"origin": "https://www.shop.example:8080", "host": "www.shop.example:8080"},
    ):
        (answer,) = play([*ASK, headers], logged_in=2)["said"]
        assert answer[0] == 200


def test_C7_only_posts_are_answered_and_only_with_a_secret() -> None:
    said = play(["rest", "GET", "parley/v1/identity", SAME], logged_in=2)["said"]
    assert said[0][0] == 404
    assert play([*ASK, SAME], logged_in=2, options=options(secret=""))["said"][0][0] == 204
    assert play([*ASK, SAME], logged_in=99)["said"][0][0] == 204, "the account is gone"


def test_the_secret_may_be_in_wp_config() -> None:
    settings = options(secret="")
    constants = {"PARLEY_IDENTITY_SECRET": SECRET}
    page, answer = play(["page"], [*ASK, SAME], logged_in=2, options=settings, constants=constants)[
        "said"
    ]
    assert "parley.js" in page
    hash_ = hmac.new(SECRET.encode(), b"2", hashlib.sha256).hexdigest()
    assert answer[1]["user_hash"] == hash_


# Orders


CHANGED = "woocommerce_order_status_changed"
FINE = {"status": 200, "headers": {}, "body": "{}"}


def answer(status: int, **headers: str) -> dict[str, Any]:
    error = {"error": {"code": "odd", "message": "No <b>such</b> thing."}}
    return {"status": status, "headers": headers, "body": json.dumps(error)}


def test_C3_a_checkout_is_never_kept_waiting() -> None:
    steps = [
        ["order", "woocommerce_new_order", order(status="pending")],
        ["order", CHANGED, order(status="on-hold"), "pending", "on-hold"],
        ["order", "woocommerce_update_order", order(status="on-hold")],
    ]
    site = play(*steps)
    assert site["posted"] == site["queued"] == []
    site = play(*steps, ["do", "shutdown"])
    assert site["posted"] == []
    assert site["queued"] == [[0, "parley_send_order", [380, 0], "parley"]]


def test_C3_the_queue_sends_the_order_as_it_is_by_then() -> None:
    site = play(
        ["order", CHANGED, order(status="pending"), "new", "pending"],
        ["do", "shutdown"],
        ["set", "orders", {"380": order(status="completed", number="2026-7")}],
        ["run"],
        answers=[FINE],
    )
    (post,) = site["posted"]
    assert (post["method"], post["url"]) == ("POST", f"{HUB}/v1/chat/ingest/records")
    assert post["headers"]["Authorization"] == f"Bearer {API_KEY}" and post["redirection"] == 0
    assert json.loads(post["body"]) == {
        "external_id": "2",
        "records": [
            {
                "kind": "order",
                "reference": "380",
                "title": "Order #2026-7",
                "amount": "96.64",
                "currency": "EUR",
                "status": "completed",
                "url": "https://shop.example/wp-admin/admin.php?page=wc-orders&action=edit&id=380",
                "occurred_at": "2026-09-21T14:13:20Z",
                "updated_at": "2026-09-21T14:14:20Z",
            }
        ],
    }
    assert site["queued"] == [] and site["options"]["parley_report"]["problem"] == ""


def test_C3_it_is_tried_again_later_and_later_and_then_given_up_aloud() -> None:
    again: list[Any] = [["run"] for _ in range(8)]
    failing = ["cURL error 28: Operation timed out", *[answer(503)] * 7]
    changed = ["order", CHANGED, order(), "a", "b"]
    waits = []
    for runs in range(1, 8):
        site = play(changed, ["do", "shutdown"], *again[:runs], answers=failing)
        waits += [one[0] for one in site["queued"]]
    assert waits == [60, 300, 1800, 7200, 21600, 86400]
    assert len(site["posted"]) == 7 and site["queued"] == []
    assert site["options"]["parley_report"]["problem"] == "#380: 503 No such thing."
    assert site["logged"][0] == ["parley", "#380: cURL error 28: Operation timed out"]
    assert not site["autoload"]["parley_report"]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (answer(422), []),
        (answer(400), []),
        (answer(401), [60]),
        (answer(302), [60]),
        (answer(429, **{"retry-after": "1200"}), [1200]),
        (answer(429, **{"retry-after": "3"}), [60]),
        (answer(503, **{"retry-after": "99999999"}), [86400]),
        (answer(503, **{"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), [60]),
        (FINE, []),
    ],
)
def test_C3_only_what_can_be_mended_is_tried_again(said: Any, waits: list[int]) -> None:
    site = play(["order", CHANGED, order(), "a", "b"], ["do", "shutdown"], ["run"], answers=[said])
    assert [one[0] for one in site["queued"]] == waits


def test_C3_without_action_scheduler_wordpress_own_cron_does_it() -> None:
    steps = [["order", CHANGED, order(), "a", "b"], ["do", "shutdown"]]
    site = play(*steps, scheduler=False)
    assert site["cron"] == [[0, "parley_send_order", [380, 0]]]
    site = play(*steps, ["run"], scheduler=False, answers=[answer(500)])
    assert site["cron"] == [[60, "parley_send_order", [380, 1]]] and len(site["posted"]) == 1


@pytest.mark.parametrize(
    "row",
    [
        order(status="checkout-draft"),
        order(status="auto-draft"),
        order(type="shop_subscription"),
        order(type="shop_order_refund"),
    ],
)
def test_C3_what_nobody_has_bought_is_no_order(row: dict[str, Any]) -> None:
    site = play(
        ["order", "woocommerce_update_order", row],
        ["order", "woocommerce_before_delete_order", row],
        ["do", "shutdown"],
        ["do", "parley_send_order", 380, 0],
    )
    assert site["queued"] == site["posted"] == []


def test_D10_an_order_in_the_bin_goes_and_comes_back() -> None:
    gone = order(status="trash")
    bin_ = [["do", "woocommerce_trash_order", 380], ["order", "woocommerce_update_order", gone]]
    site = play(*bin_, ["do", "shutdown"], ["run"], answers=[answer(404)])
    (post,) = site["posted"]
    assert post["method"] == "DELETE"
    assert json.loads(post["body"]) == {"kind": "order", "reference": "380"}
    assert site["queued"] == [] and site["options"]["parley_report"]["problem"] == ""
    back = ["order", "woocommerce_untrash_order", order(), "processing"]
    site = play(*bin_, ["do", "shutdown"], back, ["do", "shutdown"], ["run"], answers=[FINE])
    assert [post["method"] for post in site["posted"]] == ["POST"]
    deleted = ["order", "woocommerce_before_delete_order", order()]
    site = play(deleted, ["forget", "380"], ["do", "shutdown"], ["run"], answers=[FINE])
    assert [post["method"] for post in site["posted"]] == ["DELETE"]


def test_an_order_that_cannot_be_read_is_not_taken_for_a_deleted_one() -> None:
    changed = ["order", CHANGED, order(), "a", "b"]
    site = play(changed, ["forget", "380"], ["do", "shutdown"], ["run"])
    assert site["posted"] == []


def test_an_import_is_queued_as_it_goes() -> None:
    many: list[list[Any]] = [["order", CHANGED, order(str(n)), "a", "b"] for n in range(1, 121)]
    assert len(play(*many)["queued"]) == 100
    assert len(play(*many, ["do", "shutdown"])["queued"]) == 120


def test_without_a_key_nothing_is_sent_as_the_connected_shop_is_read() -> None:
    settings = options(api_key="")
    site = play(["order", CHANGED, order(), "a", "b"], ["do", "shutdown"], options=settings)
    assert site["queued"] == []


def test_without_a_shop_it_is_still_a_chat() -> None:
    site = play(["page"], woocommerce=False)
    assert "widget.js" in site["said"][0]


def test_it_goes_with_every_storage_of_orders() -> None:
    assert play()["compatible"] == {"custom_order_tables": True, "cart_checkout_blocks": True}


# Settings


FORM = {
    "_wpnonce": "nonce-of-parley_save",
    "hub": "Chat.Example/console/settings?x=1",
    "app_id": f" {APP_ID} ",
    "api_key": API_KEY,
    "identity_secret": 'it\'s_a_"secret"_\\_with%20',
}


def save(**form: str) -> Any:
    return ["post", "parley_save", {**FORM, **form}]


def test_settings_are_cleaned_and_secrets_are_not_loaded_with_every_page() -> None:
    site = play(save(), admin=True, options={})
    assert site["said"][0].startswith("redirected: https://shop.example/wp-admin/options-general")
    assert site["options"] == {
        "parley_settings": {"hub": HUB, "app_id": APP_ID, "identity": True, "orders": True},
        "parley_secrets": {"api_key": API_KEY, "identity_secret": FORM["identity_secret"]},
    }
    assert site["autoload"] == {"parley_settings": True, "parley_secrets": False}


def test_only_an_administrator_with_a_fresh_form_saves() -> None:
    for site in (
        play(save(), admin=True, capable=False),
        play(save(_wpnonce="another"), admin=True),
    ):
        assert site["said"][0].startswith("died: ")
        assert site["options"] == options() and not site["autoload"]
    assert play(["do", "admin_menu"], admin=True)["pages"] == {"parley": "manage_options"}
    assert play(["call", "parley_print_page"], admin=True, capable=False)["said"] == [""]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("hub", "http://chat.example"),
        ("hub", "javascript:alert(1)"),
        ("hub", "https://user:word@chat.example"),
        ("hub", "https://[::1]/"),
        ("hub", "https://"),
        ("app_id", "icw_<script>alert(1)</script>"),
        ("app_id", f"{APP_ID}\nx"),
        ("api_key", "Bearer wgk_0123"),
        ("api_key", f"{API_KEY}\r\nX-Header: y"),
        ("identity_secret", "too short"),
        ("identity_secret", "with a space in the middle of it"),
    ],
)
def test_what_cannot_be_right_is_said_and_changes_nothing(field: str, typed: str) -> None:
    former = options()
    form = {"hub": HUB, "api_key": "", "identity_secret": "", field: typed}
    site = play(save(**form), admin=True, options=former)
    assert [notice["code"] for notice in site["notices"]] == [field]
    assert site["options"] == former


def test_a_hub_on_this_machine_may_do_without_tls() -> None:
    site = play(save(hub="http://127.0.0.1:8000/"), admin=True)
    assert site["options"]["parley_settings"]["hub"] == "http://127.0.0.1:8000"


def test_an_empty_secret_stays_and_goes_only_when_asked() -> None:
    kept = play(save(api_key="", identity_secret=""), admin=True)["options"]
    assert kept["parley_secrets"] == options()["parley_secrets"]
    gone = play(save(api_key="", identity_secret="", remove_api_key="1"), admin=True)["options"]
    assert gone["parley_secrets"] == {"api_key": "", "identity_secret": SECRET}
    assert gone["parley_settings"]["orders"] is False


def test_B4_the_settings_page_shows_no_secret_and_text_as_text() -> None:
    stored = {
        **options(hub=HOSTILE, app_id=HOSTILE),
        "parley_report": {"at": 1_790_000_000, "problem": HOSTILE},
    }
    (page,) = play(["call", "parley_print_page"], admin=True, options=stored)["said"]
    assert "<script" not in page and "<!--" not in page and "\"' onload" not in page
    assert SECRET not in page and API_KEY not in page
    assert 'value="nonce-of-parley_save"' in page


def test_C5_a_button_leads_to_the_hubs_page_for_this_shop() -> None:
    (page,) = play(["call", "parley_print_page"], admin=True)["said"]
    address = "/console/settings/integrations/connect/woocommerce?shop=https%3A%2F%2Fshop.example"
    assert f'href="{HUB}{address}"' in page
    (page,) = play(["call", "parley_print_page"], admin=True, woocommerce=False)["said"]
    assert "connect/woocommerce" not in page


def test_uninstalling_leaves_nothing() -> None:
    stored = {**options(), "parley_report": {"at": 1}, "blogname": "Kestrel"}
    queued = [[0, "parley_send_order", [1, 0], "parley"], [0, "another", [], "x"]]
    site = play(["uninstall"], options=stored, queued=queued, cron=[[0, "parley_remove_order", []]])
    assert site["options"] == {"blogname": "Kestrel"}
    assert site["queued"] == [[0, "another", [], "x"]] and site["cron"] == []


# The zip and the translations


def texts() -> set[str]:
    said = "".join(path.read_text() for path in FILES)
    return set(re.findall(r"(?:__|esc_html__|esc_html_e)\( '((?:[^'\\]|\\.)*)', 'parley' \)", said))


@pytest.mark.parametrize(
    "name", ["parley.pot", *(f"parley-{x}.po" for x in ("de_DE", "fr_FR", "es_ES"))]
)
def test_every_text_is_translated(name: str) -> None:
    text = (PLUGIN / "languages" / name).read_text()
    keys = {key for key in re.findall(r'^msgid "(.+)"$', text, re.M)}
    assert keys == texts()
    said = plugin_zip.read_po(text)
    assert set(said) - {""} == (set() if name.endswith(".pot") else texts())
    for key, value in said.items():
        assert sorted(re.findall(r"%\S*s", key)) == sorted(re.findall(r"%\S*s", value)) or not key


def test_the_command_makes_the_same_zip_from_the_same_sources(tmp_path: Path) -> None:
    path = tmp_path / "parley.zip"
    done = CliRunner().invoke(plugin_zip.command, ["plugin", "--output", str(path)])
    assert done.exit_code == 0 and str(path) in done.output
    assert path.read_bytes() == plugin_zip.to_zip()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name.partition("/")[0] for name in names} == {"parley"}
        assert {f"parley/{where(file)}" for file in PLUGIN.rglob("*.php")} <= set(names)
        german = io.BytesIO(archive.read("parley/languages/parley-de_DE.mo"))
    assert gettext.GNUTranslations(german).gettext("Saved.") == "Gespeichert."


def test_a_zip_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    output = str(tmp_path / "missing" / "parley.zip")
    done = CliRunner().invoke(plugin_zip.command, ["plugin", "--output", output])
    assert done.exit_code == 1 and "No such file or directory" in done.output


# Through a hub


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path / "hub", sqlite_url) as running:
        yield running


@pytest.mark.anyio
async def test_C3_D7_orders_of_the_plugin_arrive_once_and_never_go_back(
    hub: RunningHub, shop: Shop
) -> None:
    at = 1_790_000_000
    settings = options(hub.url, shop.made.api_key, shop.made.identity_secret)
    now = order(status="completed", modified=at + 120, total="19.99")
    late = order(status="pending", modified=at + 60, total="19.99")
    scene: list[list[Any]] = [
        ["order", CHANGED, now, "a", "b"],
        ["order", CHANGED, order("381", customer="0"), "a", "b"],
        ["order", CHANGED, order("382", currency="JPY", total="1500"), "a", "b"],
        ["do", "shutdown"],
        ["run"],
        ["set", "orders", {"380": late}],  # a second runner had read it before
        ["do", "parley_send_order", 380, 1],
        [*ASK, SAME],
    ]
    site = await asyncio.to_thread(play, *scene, options=settings, logged_in=2)
    assert site["queued"] == [] and len(site["posted"]) == 4, site["options"]
    visitor = await shop.visitor(**site["said"][-1][1])
    assert visitor.session["assurance"] == "hmac"
    shown = (await visitor.request("GET", "/v1/chat/activity")).json()["items"]
    assert {(one["reference"], one["status"], one["amount"]["minor"]) for one in shown} == {
        ("380", "completed", 1999),
        ("382", "processing", 1500),
    }
    steps = [["set", "orders", {}], ["do", "parley_remove_order", 380, 0]]
    await asyncio.to_thread(play, *steps, options=settings)
    shown = (await visitor.request("GET", "/v1/chat/activity")).json()["items"]
    assert [one["reference"] for one in shown] == ["382"]
