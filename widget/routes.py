"""The widget API: public looks, sightings, and the PingBack-compatible administration."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core import widgets
from core.access import ADMIN, AGENT, PUBLIC, Principal, key
from core.assistants import assistant_of
from core.audit import audit
from core.db import Work
from core.decode import decode
from core.errors import Invalid, NotFound
from core.files import File, to_file
from core.routes import Answer, Call, Route
from core.views import Appearance
from core.widgets import Widget

OPEN_TO_ALL = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
CACHE = "public, max-age=60, stale-while-revalidate=600"
SEEN_EVERY = 5.0  # seconds: a busy shop's page views do not become writes
REMEMBERED = 10_000  # entries a process keeps of either cache

Short = Annotated[str, Meta(max_length=400)]


class WidgetChange(msgspec.Struct, kw_only=True):
    """The fields of a widget; an omitted one keeps its value or gets its default."""

    name: Short | UnsetType = UNSET
    domain: Short | UnsetType = UNSET
    welcome_heading: Short | UnsetType = UNSET
    welcome_tagline: Short | UnsetType = UNSET
    primary_color: Short | UnsetType = UNSET
    show_online_badge: bool | UnsetType = UNSET
    logo_url: Annotated[str, Meta(max_length=2048)] | UnsetType | None = UNSET


class AppearanceChange(WidgetChange, kw_only=True):
    """What Settings → Launcher can change."""

    position: Short | UnsetType = UNSET
    offset_x: int | UnsetType = UNSET
    offset_y: int | UnsetType = UNSET
    launcher_size: Short | UnsetType = UNSET
    own_button: bool | UnsetType = UNSET


class NewWidget(WidgetChange, kw_only=True):
    """A widget for one site; only `name` and `domain` are required."""

    name: Short
    domain: Short


class WidgetMade(msgspec.Struct, kw_only=True):
    """A widget as its owner sees it; `id` is the public widget id."""

    id: str
    name: str
    domain: str
    welcome_heading: str
    welcome_tagline: str
    primary_color: str
    show_online_badge: bool
    logo_url: str | None


class OwnAppearance(Appearance, kw_only=True, frozen=True):
    """The workspace's own widget: its looks, and the site it is bound to."""

    domain: str


class Seen(msgspec.Struct):
    """The page a widget has loaded on."""

    url: Annotated[str, Meta(max_length=2048)]


class Online(msgspec.Struct):
    online: bool


class WidgetRoutes:
    """The routes, and what they remember between requests."""

    def __init__(self) -> None:
        self._looks: OrderedDict[str, tuple[str, File]] = OrderedDict()  # by public id
        self._widgets: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._changes = 0

    def forget(self, widget_id: str) -> None:
        """Drop the cached looks of a widget that has changed."""
        self._changes += 1
        for public_id, (known, _) in list(self._looks.items()):
            if known == widget_id:
                del self._looks[public_id]

    def forget_all(self) -> None:
        """Drop all cached looks: an assistant was turned on or off."""
        self._changes += 1
        self._looks.clear()

    async def show(self, call: Call) -> Answer:
        """The public looks of a widget, by its UUID or the workspace's app id (W15)."""
        public_id = public_id_of(call)
        known = self._looks.get(public_id)
        if known is None:
            changes = self._changes
            shown = await call.services.db.read(_appearance_of, public_id)
            known = shown.id, to_file(msgspec.json.encode(shown), "appearance.json")
            if changes == self._changes:  # else these looks may be those of before
                remember(self._looks, public_id, known)
        return known[1].answer(call.headers, cache=CACHE, headers=OPEN_TO_ALL)

    async def note_seen(self, call: Call) -> Answer:
        """The widget has loaded on a page (W3); says whether an agent is online."""
        said = decode(call.body, Seen, limit=4096)
        host, path = _page_of(said.url, call.headers.get("origin"))
        widget = await self._widget(call)
        if self._is_news((widget[1], host)):
            await call.services.db.write(widgets.note_sighting, widget, host, path)
        return Answer(Online(bool(call.services.online(widget[0]))), headers=dict(OPEN_TO_ALL))

    async def _widget(self, call: Call) -> tuple[str, str]:
        public_id = public_id_of(call)
        if public_id not in self._widgets:
            found = await call.services.db.read(widgets.widget_by_public_id, public_id)
            if found is None:
                raise NotFound("There is no such widget.")
            remember(self._widgets, public_id, (found.workspace_id, found.id))
        return self._widgets[public_id]

    def _is_news(self, sighting: tuple[str, str]) -> bool:
        now = time.monotonic()
        if now - self._seen.get(sighting, -SEEN_EVERY) < SEEN_EVERY:
            return False
        remember(self._seen, sighting, now)
        return True


def public_id_of(call: Call) -> str:
    """The id in the address in its one spelling: a UUID has many, and each would be kept."""
    public_id = call.path["id"]
    return public_id if public_id.startswith("icw_") else public_id.lower()


def remember(cache: OrderedDict[Any, Any], name: Any, value: Any) -> None:
    """Keep a value, and forget the oldest beyond what a process remembers."""
    cache[name] = value
    cache.move_to_end(name)
    if len(cache) > REMEMBERED:
        cache.popitem(last=False)


def _appearance_of(work: Work, public_id: str) -> Appearance:
    widget = widgets.widget_by_public_id(work, public_id)
    if widget is None:
        raise NotFound("There is no such widget.")
    on = assistant_of(work, widget.workspace_id).on
    return msgspec.structs.replace(widgets.appearance(widget), assistant=on)


def _page_of(url: str, origin: str | None) -> tuple[str, str]:
    """Host and path of a page; a browser's Origin must agree with what its script says."""
    scheme, host, path = _split(url)
    if not host or scheme not in ("http", "https") or len(host) > 253:
        raise Invalid("url must be the address of a page.", field="url")
    if origin is not None and _split(origin)[1] != host:
        raise Invalid("url is not of the page that sent this.", field="url")
    return host, path[:500] or "/"


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, host and path of an address; no host if it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.path
    except ValueError:
        return "", "", ""


async def create(call: Call) -> Answer:
    """Make a widget for a site; a second one for the same domain is refused (R1, R3)."""
    made = await call.services.db.write(_create, call.principal, _given(call.body))
    return Answer(made, 201)


def _create(work: Work, principal: Principal, given: dict[str, Any]) -> WidgetMade:
    widget = widgets.create_widget(work, principal.workspace_id, given)
    audit(work, principal, "widget.created", widget.id, after={"domain": widget.domain})
    return _to_made(widget)


async def update(call: Call) -> WidgetMade:
    """Change a widget; omitted fields keep their values (R2)."""
    widget_id = call.path["id"].lower()
    return await call.services.db.write(_update, call.principal, widget_id, _given(call.body))


def _update(work: Work, principal: Principal, widget_id: str, given: dict[str, Any]) -> WidgetMade:
    widget = widgets.update_widget(work, principal.workspace_id, widget_id, given)
    audit(work, principal, "widget.updated", widget.id, after=given)
    return _to_made(widget)


async def own_appearance(call: Call) -> OwnAppearance:
    """The looks of the workspace's own widget."""
    widget = await call.services.db.read(widgets.default_widget, call.workspace_id)
    return _to_own(widget)


async def change_appearance(call: Call) -> OwnAppearance:
    """Change the workspace's own widget."""
    return await call.services.db.write(_change_own, call.principal, _given(call.body))


def _change_own(work: Work, principal: Principal, given: dict[str, Any]) -> OwnAppearance:
    own = widgets.default_widget(work, principal.workspace_id)
    widget = widgets.update_widget(work, principal.workspace_id, own.id, given)
    audit(work, principal, "appearance.changed", widget.id, after=given)
    return _to_own(widget)


def _to_own(widget: Widget) -> OwnAppearance:
    looks = msgspec.structs.asdict(widgets.appearance(widget))
    return OwnAppearance(**looks, domain=widget.domain)


def _given(body: WidgetChange) -> dict[str, Any]:
    """The fields that were sent at all."""
    values = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET}


def _to_made(widget: Widget) -> WidgetMade:
    return WidgetMade(**{name: getattr(widget, name) for name in WidgetMade.__struct_fields__})


def routes(own: WidgetRoutes) -> list[Route]:
    """The routes of the widget API."""
    return [
        Route(
            "GET",
            "/api/v1/widget/{id}",
            own.show,
            PUBLIC,
            "The public looks of a widget",
            answer=Appearance,
            rate="page",
            tag="Widgets",
        ),
        Route(
            "POST",
            "/api/v1/widget/{id}/seen",
            own.note_seen,
            PUBLIC,
            "Say that the widget has loaded on a page",
            answer=Online,
            raw=True,
            limit=4096,
            rate="page",
            tag="Widgets",
        ),
        Route(
            "POST",
            "/api/v1/widget/create",
            create,
            key("widgets"),
            "Create a widget",
            body=NewWidget,
            answer=WidgetMade,
            status=201,
            tag="Widgets",
        ),
        Route(
            "PUT",
            "/api/v1/widget/update/{id}",
            update,
            key("widgets"),
            "Update a widget",
            body=WidgetChange,
            answer=WidgetMade,
            tag="Widgets",
        ),
        Route(
            "GET",
            "/console/api/appearance",
            own_appearance,
            AGENT,
            "The looks of the workspace's own widget",
            answer=OwnAppearance,
            tag="Console",
        ),
        Route(
            "PUT",
            "/console/api/appearance",
            change_appearance,
            ADMIN,
            "Change the workspace's own widget",
            body=AppearanceChange,
            answer=OwnAppearance,
            tag="Console",
        ),
    ]
