"""Widgets: what a chat launcher looks like, which site it is for, and where it has been seen."""

from __future__ import annotations

import re
import uuid
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, ForeignKeyConstraint, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col

from core.colors import HEX, readable_on
from core.db import Work
from core.errors import Invalid, Malformed, NotFound
from core.events import AppearanceChanged, WidgetSeen
from core.links import to_link
from core.views import Appearance
from core.workspaces import workspace_by_app_id

HEADING = "Hi there!"
TAGLINE = "We make it simple to connect with us. Ask us anything, or share your feedback."
COLOR = "#7650FF"
OFFSET = 20  # pixels from the corner
Size = Literal["small", "medium", "large"]
SIZES = get_args(Size)
SIDES = ("left", "right")
LENGTHS = {"name": 100, "welcome_heading": 80, "welcome_tagline": 160, "domain": 255}
HOSTS_SEEN = 100  # sightings a workspace keeps, one a host
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_-]{1,63})*")


class Widget(SQLModel, table=True):
    """One launcher. Every workspace has one of its own, found by its app id; others by UUID."""

    __tablename__ = "widgets"
    __table_args__ = (UniqueConstraint("workspace_id", "domain_key"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True, unique=True)  # the UUID alone is enough to find it
    is_default: bool = False
    name: str
    domain: str = ""  # as the merchant wrote it
    domain_key: str | None = None  # as two spellings compare; None: any site
    welcome_heading: str = HEADING
    welcome_tagline: str = TAGLINE
    primary_color: str = COLOR
    show_online_badge: bool = True
    logo_url: str | None = None
    position: str = "right"
    offset_x: int = OFFSET
    offset_y: int = OFFSET
    launcher_size: Size = Field(default="medium", sa_type=String)
    own_button: bool = False
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class WidgetSighting(SQLModel, table=True):
    """Where a widget has loaded last, one row a host."""

    __tablename__ = "widget_sightings"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "widget_id"], ["widgets.workspace_id", "widgets.id"]),
    )

    workspace_id: str = Field(primary_key=True)
    host: str = Field(primary_key=True)
    widget_id: str
    path: str
    seen_at: int = Field(sa_type=BigInteger)


# Making and changing --------------------------------------------------------------------------


def create_widget(
    work: Work, workspace_id: str, given: dict[str, Any], *, is_default: bool = False
) -> Widget:
    """A new widget; what is not given has its default. A domain has at most one (R3)."""
    values = _checked(given)
    _assert_free(work, workspace_id, values.get("domain_key"), None)
    widget = Widget(
        workspace_id=workspace_id,
        id=str(uuid.uuid4()),
        is_default=is_default,
        created_at=work.now,
        updated_at=work.now,
        **{"name": "Widget", **values},
    )
    return _saved(work, widget)


def update_widget(work: Work, workspace_id: str, widget_id: str, given: dict[str, Any]) -> Widget:
    """Change what is given; omitted fields keep their values (R2). NotFound if not theirs."""
    widget = work.session.get(Widget, (workspace_id, widget_id), with_for_update=True)
    if widget is None:
        raise NotFound("There is no such widget.")
    values = _checked(given)
    _assert_free(work, workspace_id, values.get("domain_key"), widget_id)
    for name, value in values.items():
        setattr(widget, name, value)
    widget.updated_at = work.now
    return _saved(work, widget)


def _saved(work: Work, widget: Widget) -> Widget:
    try:
        work.add(widget)
    except IntegrityError as error:  # somebody was faster with the same domain
        raise _taken(widget.domain) from error
    work.announce(widget.workspace_id, AppearanceChanged(widget=widget.id))
    return widget


def _assert_free(work: Work, workspace_id: str, domain_key: str | None, but: str | None) -> None:
    if domain_key is None:
        return
    taken = work.session.scalars(
        select(Widget).where(
            col(Widget.workspace_id) == workspace_id, col(Widget.domain_key) == domain_key
        )
    ).first()
    if taken is not None and taken.id != but:
        raise _taken(taken.domain)


def _taken(domain: str) -> Malformed:
    return Malformed(
        f"There is already a widget for {domain}. A domain has one: change that one instead.",
        code="domain_taken",
        field="domain",
    )


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The columns to set; Invalid names the field that cannot be."""
    values = {name: value for name, value in given.items() if name in _RULES}
    for name, value in values.items():
        values[name] = _RULES[name](name, value)
    if "domain" in values:
        values["domain_key"] = to_domain_key(values["domain"]) if values["domain"] else None
    return values


def _text(name: str, value: Any) -> str:
    text = str(value or "").strip()
    if len(text) > LENGTHS[name]:
        raise Invalid(f"{name} has at most {LENGTHS[name]} characters.", field=name)
    if not text and name == "name":
        raise Invalid("name is empty.", field="name")
    return text


def _color(name: str, value: Any) -> str:
    if not isinstance(value, str) or not HEX.fullmatch(value.strip()):
        raise Invalid(f"{name} must be a colour such as {COLOR}.", field=name)
    return value.strip()


def _logo(name: str, value: Any) -> str | None:
    return to_link(str(value), field=name) or None if value else None


def _one_of(*choices: str) -> Any:
    def rule(name: str, value: Any) -> str:
        if value not in choices:
            raise Invalid(f"{name} must be one of {', '.join(choices)}.", field=name)
        return str(value)

    return rule


def _offset(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:
        raise Invalid(f"{name} must be 0 to 1000 pixels.", field=name)
    return value


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(f"{name} must be true or false.", field=name)
    return value


_RULES: dict[str, Any] = {
    "name": _text,
    "domain": _text,
    "welcome_heading": _text,
    "welcome_tagline": _text,
    "primary_color": _color,
    "show_online_badge": _switch,
    "logo_url": _logo,
    "position": _one_of(*SIDES),
    "offset_x": _offset,
    "offset_y": _offset,
    "launcher_size": _one_of(*SIZES),
    "own_button": _switch,
}


def to_domain_key(domain: str) -> str:
    """How domains compare: the host alone, in lower case, without `www.`, in its ASCII form.

    `https://www.Shop.example:443/` and `shop.example` are the same.
    """
    text = domain.strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        ascii_host = host.rstrip(".").encode("idna").decode().lower()
    except (ValueError, UnicodeError):
        ascii_host = ""
    key = ascii_host.removeprefix("www.")
    if not _HOST.fullmatch(key):
        raise Invalid("domain must be a site such as https://shop.example.", field="domain")
    return key


# Finding and showing --------------------------------------------------------------------------


def widget_by_public_id(work: Work, public_id: str) -> Widget | None:
    """The widget of a UUID, or a workspace's own one by its app id."""
    if public_id.startswith("icw_"):
        found = workspace_by_app_id(work, public_id)
        return default_widget(work, found.id) if found else None
    return work.session.scalars(select(Widget).where(col(Widget.id) == public_id.lower())).first()


def default_widget(work: Work, workspace_id: str) -> Widget:
    """The workspace's own widget."""
    found = work.session.scalars(
        select(Widget).where(col(Widget.workspace_id) == workspace_id, col(Widget.is_default))
    ).first()
    if found is None:
        raise NotFound("This workspace has no widget.")
    return found


def workspace_of(work: Work, public_id: str) -> str | None:
    """The workspace a widget's public id belongs to."""
    found = widget_by_public_id(work, public_id)
    return found.workspace_id if found else None


def known_site(work: Work, workspace_id: str) -> str:
    """The shop's address: of its own widget's domain, else of its only one; "" if not known."""
    query = select(Widget).where(
        col(Widget.workspace_id) == workspace_id, col(Widget.domain_key).is_not(None)
    )
    bound = list(work.session.scalars(query.limit(HOSTS_SEEN)))
    named = [one for one in bound if one.is_default] or bound
    return f"https://{named[0].domain_key}" if len(named) == 1 else ""


def appearance(widget: Widget) -> Appearance:
    """What everyone may know of a widget: its looks."""
    fill, on_primary = readable_on(widget.primary_color)
    return Appearance(
        id=widget.id,
        name=widget.name,
        welcome_heading=widget.welcome_heading or HEADING,
        welcome_tagline=widget.welcome_tagline or TAGLINE,
        primary_color=widget.primary_color,
        on_primary=on_primary,
        fill=fill,
        show_online_badge=widget.show_online_badge,
        logo_url=widget.logo_url,
        position="left" if widget.position == "left" else "right",
        offset_x=widget.offset_x,
        offset_y=widget.offset_y,
        launcher_size=widget.launcher_size,
        own_button=widget.own_button,
    )


# Sightings ------------------------------------------------------------------------------------


def note_sighting(work: Work, widget: tuple[str, str], host: str, path: str) -> None:
    """A widget (workspace, id) has loaded on a page; a workspace keeps its newest 100 hosts."""
    workspace_id, widget_id = widget
    values = {"widget_id": widget_id, "path": path, "seen_at": work.now}
    known = work.session.get(WidgetSighting, (workspace_id, host))
    if known is None and _hosts_seen(work, workspace_id) >= HOSTS_SEEN:
        return  # a flood of invented hosts pushes nothing out
    statement = work.insert(WidgetSighting).on_conflict_do_update(
        index_elements=["workspace_id", "host"], set_=values
    )
    work.execute(statement, {"workspace_id": workspace_id, "host": host, **values})
    work.announce(workspace_id, WidgetSeen(widget=widget_id, host=host, path=path))


def _hosts_seen(work: Work, workspace_id: str) -> int:
    query = select(func.count()).where(col(WidgetSighting.workspace_id) == workspace_id)
    return int(work.execute(query).scalar_one())


def sightings(work: Work, workspace_id: str) -> list[WidgetSighting]:
    """Where the workspace's widgets have loaded, newest first."""
    return list(
        work.session.scalars(
            select(WidgetSighting)
            .where(col(WidgetSighting.workspace_id) == workspace_id)
            .order_by(col(WidgetSighting.seen_at).desc())
        )
    )
