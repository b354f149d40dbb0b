"""Widgets: their looks, the one site each is for, and where they were seen."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from core import log, widgets
from core.access import Principal
from core.db import Database, Work
from core.errors import HubError, Invalid, Malformed, NotFound
from core.events import AppearanceChanged, WidgetSeen
from core.widgets import (
    COLOR,
    HEADING,
    TAGLINE,
    appearance,
    create_widget,
    default_widget,
    note_sighting,
    sightings,
    to_domain_key,
    update_widget,
    widget_by_public_id,
)
from core.workspaces import workspace
from tests.people import open_shop

NEW = {"name": "Kestrel", "domain": "https://kestrel.example"}


@pytest.fixture
async def shop(db: Database) -> Principal:
    return await db.write(open_shop)


async def make(db: Database, shop: Principal, **given):
    return await db.write(create_widget, shop.workspace_id, {**NEW, **given})


async def change(db: Database, shop: Principal, widget_id: str, **given):
    return await db.write(update_widget, shop.workspace_id, widget_id, given)


async def test_W16_W17_W18_a_new_widget_has_the_documented_defaults(db, shop):
    widget = await make(db, shop)
    assert uuid.UUID(widget.id).version == 4
    looks = appearance(widget)
    assert (looks.welcome_heading, looks.welcome_tagline) == (HEADING, TAGLINE)
    assert HEADING == "Hi there!"
    assert TAGLINE.startswith("We make it simple to connect with us. Ask us anything, or share")
    assert (looks.primary_color, looks.fill, looks.on_primary) == (COLOR, "#7650FF", "#ffffff")
    assert looks.show_online_badge is True
    assert (looks.logo_url, looks.position, looks.launcher_size) == (None, "right", "medium")
    assert looks.own_button is False


async def test_W19_every_look_can_be_set_and_changed(db, shop):
    given = {
        "welcome_heading": "Hej!",
        "welcome_tagline": "Vi svarar.",
        "primary_color": "#FFD400",
        "show_online_badge": False,
        "logo_url": "https://kestrel.example/logo.svg",
        "position": "left",
        "offset_x": 0,
        "offset_y": 1000,
        "launcher_size": "large",
        "own_button": True,
    }
    looks = appearance(await make(db, shop, **given))
    assert {name: getattr(looks, name) for name in given} == given
    assert looks.on_primary == "#000000"


async def test_R2_what_is_not_given_keeps_its_value(db, shop):
    widget = await make(db, shop, welcome_heading="Hej!", primary_color="#123456")
    changed = await change(db, shop, widget.id, welcome_tagline="New")
    looks = appearance(changed)
    assert (looks.welcome_heading, looks.primary_color) == ("Hej!", "#123456")
    assert (looks.welcome_tagline, looks.name) == ("New", "Kestrel")
    assert changed.domain == NEW["domain"]


async def test_an_emptied_text_shows_the_default_and_an_emptied_logo_is_gone(db, shop):
    widget = await make(db, shop, welcome_heading="Hej!", logo_url="https://kestrel.example/l.png")
    looks = appearance(await change(db, shop, widget.id, welcome_heading=" ", logo_url=""))
    assert (looks.welcome_heading, looks.logo_url) == (HEADING, None)


async def test_V3_fields_that_are_not_looks_take_no_effect(db, shop):
    other = await db.write(open_shop, "Other", "b@other.example")
    hostile = {
        "id": "11111111-1111-4111-8111-111111111111",
        "workspace_id": other.workspace_id,
        "is_default": True,
        "created_at": 0,
        "domain_key": "elsewhere.example",
    }
    widget = await make(db, shop, **hostile)
    changed = await change(db, shop, widget.id, **hostile)
    assert (changed.workspace_id, changed.id) == (shop.workspace_id, widget.id)
    assert (changed.is_default, changed.domain_key) == (False, "kestrel.example")
    assert widget.id != hostile["id"]
    assert changed.created_at > 0


WRONG: list[tuple[str, object]] = [
    ("name", ""),
    ("name", "x" * 101),
    ("welcome_heading", "x" * 81),
    ("welcome_tagline", "x" * 161),
    ("primary_color", "purple"),
    ("primary_color", "#fff"),
    ("primary_color", "#7650FF; background: url(//evil.example)"),
    ("primary_color", "#7650FG"),
    ("primary_color", None),
    ("show_online_badge", "yes"),
    ("logo_url", "javascript:alert(1)"),
    ("logo_url", "data:image/svg+xml,<svg onload=alert(1)>"),
    ("logo_url", "//evil.example/logo.png"),
    ("logo_url", "https://user@evil.example/l.png"),
    ("logo_url", "https://evil.example\\@kestrel.example"),
    ("logo_url", 'https://kestrel.example/"onerror="x'),
    ("position", "top"),
    ("launcher_size", "huge"),
    ("offset_x", -1),
    ("offset_x", True),
    ("offset_y", 1001),
    ("own_button", 1),
    ("domain", "not a site"),
    ("domain", "https://"),
    ("domain", "x" * 256),
]


async def test_B4_a_wrong_field_is_named_and_nothing_is_saved(db, shop):
    for field, value in WRONG:
        with pytest.raises(Invalid) as refusal:
            await make(db, shop, **{field: value})
        assert refusal.value.field == field, value
    widget = await make(db, shop)
    for field, value in WRONG:
        with pytest.raises(Invalid):
            await change(db, shop, widget.id, **{"welcome_heading": "changed", field: value})
    kept = await db.read(widget_by_public_id, widget.id)
    assert kept.welcome_heading == HEADING


# One widget a site ----------------------------------------------------------------------------

SAME_SITE = [
    "kestrel.example",
    "KESTREL.example",
    "www.kestrel.example",
    "http://kestrel.example",
    "https://www.Kestrel.example:443/shop?x=1#top",
    "//kestrel.example/",
    " kestrel.example. ",
    "https://user:pw@kestrel.example",
]


async def test_R3_a_site_has_one_widget_however_it_is_spelt(db, shop):
    first, other = await make(db, shop), await make(db, shop, domain="other.example")
    for spelling in SAME_SITE:
        with pytest.raises(Malformed) as refusal:
            await make(db, shop, domain=spelling)
        assert (refusal.value.code, refusal.value.field) == ("domain_taken", "domain")
        with pytest.raises(Malformed):
            await change(db, shop, other.id, domain=spelling)
        same = await change(db, shop, first.id, domain=spelling)  # its own site is no obstacle
        assert same.domain_key == "kestrel.example"


async def test_R3_the_refusal_names_the_site_as_it_was_written(db, shop):
    await make(db, shop)
    with pytest.raises(Malformed, match=r"already a widget for https://kestrel\.example\."):
        await make(db, shop, domain="www.kestrel.example")


async def test_R3_another_workspace_may_have_the_same_site(db, shop):
    other = await db.write(open_shop, "Other", "b@other.example")
    first, second = await make(db, shop), await make(db, other)
    assert first.id != second.id


async def test_R3_of_two_at_the_same_moment_one_wins(db, shop):
    outcomes = await asyncio.gather(*(make(db, shop) for _ in range(8)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Malformed)]
    assert len(refused) == 7
    assert {refusal.code for refusal in refused} == {"domain_taken"}


async def test_R3_widgets_without_a_site_do_not_collide(db, shop):
    first, second = await make(db, shop, domain=""), await make(db, shop, domain=" ")
    assert first.domain_key is None is second.domain_key


@pytest.mark.parametrize(
    ("domain", "key"),
    [
        ("Bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("shop.kestrel.example", "shop.kestrel.example"),
        ("localhost:3000", "localhost"),
        ("http://127.0.0.1:8000/demo", "127.0.0.1"),
        ("www.example", "example"),
    ],
)
def test_R3_domains_compare_by_their_host(domain, key):
    assert to_domain_key(domain) == key


@given(st.text(max_size=60))
@example("http://[")
@example("http://[::1]")
@example("\ud800.example")
@example("a..b")
@example("x;script-src *")
@example("kestrel.example *")
def test_B3_a_domain_is_a_plain_host_or_refused(text):
    try:
        key = to_domain_key(text)
    except Invalid as refusal:
        assert refusal.field == "domain"
    else:  # it goes into a Content-Security-Policy: nothing in it may end a directive
        assert key == key.lower()
        assert all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in key)


# Finding --------------------------------------------------------------------------------------


async def test_W2_the_app_id_finds_the_workspaces_own_widget(db, shop):
    own = await db.write(own_widget, shop)
    await make(db, shop)
    app_id = (await db.read(workspace, shop.workspace_id)).app_id
    assert app_id.startswith("icw_")
    assert len(app_id) == len("icw_") + 24
    assert (await db.read(widget_by_public_id, app_id)).id == own.id
    assert (await db.read(widget_by_public_id, own.id.upper())).id == own.id
    assert (await db.read(default_widget, shop.workspace_id)).id == own.id


def own_widget(work: Work, shop: Principal):
    return create_widget(work, shop.workspace_id, {"name": "Own"}, is_default=True)


async def test_an_unknown_public_id_finds_nothing(db, shop):
    for public_id in ("", "icw_", "icw_" + "x" * 24, str(uuid.uuid4()), "%", "\ufffd"):
        assert await db.read(widget_by_public_id, public_id) is None


async def test_T1_a_foreign_widget_reads_as_not_there(db, shop):
    other = await db.write(open_shop, "Other", "b@other.example")
    widget = await make(db, shop)
    for widget_id in (widget.id, str(uuid.uuid4())):
        with pytest.raises(NotFound) as refusal:
            await change(db, other, widget_id, name="Mine now")
        assert refusal.value.message == "There is no such widget."
    assert (await db.read(widget_by_public_id, widget.id)).name == "Kestrel"


async def test_W16_a_change_of_looks_is_announced(db, shop):
    widget = await make(db, shop)
    await change(db, shop, widget.id, name="Renamed")
    entries = await db.read(log.events_after, shop.workspace_id, 0)
    told = [entry.event for entry in entries if isinstance(entry.event, AppearanceChanged)]
    assert [event.widget for event in told] == [widget.id, widget.id]


# Sightings ------------------------------------------------------------------------------------


async def see(db: Database, shop: Principal, widget_id: str, host: str, path: str = "/"):
    await db.write(note_sighting, (shop.workspace_id, widget_id), host, path)


async def test_W3_a_host_is_listed_once_with_the_page_seen_last(db, shop):
    widget = await make(db, shop)
    await see(db, shop, widget.id, "kestrel.example", "/")
    await see(db, shop, widget.id, "other.example", "/about")
    await asyncio.sleep(0.002)
    await see(db, shop, widget.id, "kestrel.example", "/cart")
    seen = await db.read(sightings, shop.workspace_id)
    assert [(one.host, one.path) for one in seen] == [
        ("kestrel.example", "/cart"),
        ("other.example", "/about"),
    ]
    entries = await db.read(log.events_after, shop.workspace_id, 0)
    told = [entry.event for entry in entries if isinstance(entry.event, WidgetSeen)]
    assert [(event.host, event.path) for event in told][-1] == ("kestrel.example", "/cart")


async def test_W3_invented_hosts_push_nothing_out(db, shop):
    widget = await make(db, shop)
    await see(db, shop, widget.id, "kestrel.example")

    def flood(work: Work) -> None:
        for number in range(widgets.HOSTS_SEEN + 5):
            note_sighting(work, (shop.workspace_id, widget.id), f"h{number}.example", "/")

    await db.write(flood)
    await see(db, shop, widget.id, "kestrel.example", "/still-noted")
    seen = await db.read(sightings, shop.workspace_id)
    assert len(seen) == widgets.HOSTS_SEEN
    assert seen[0].path == "/still-noted"


async def test_T2_sightings_stay_in_their_workspace(db, shop):
    other = await db.write(open_shop, "Other", "b@other.example")
    widget = await make(db, shop)
    await see(db, shop, widget.id, "kestrel.example")
    assert await db.read(sightings, other.workspace_id) == []
    with pytest.raises(IntegrityError):  # the key is composite
        await see(db, other, widget.id, "kestrel.example")


def test_refusals_are_the_hubs_own():
    assert issubclass(Malformed, HubError)
    assert Malformed.status == 400  # R3 asks for 400
