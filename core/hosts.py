"""Hosts: the web pages that are a workspace's own, to which an answer may lead."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy import select

from core.connections import connections_of
from core.db import Work, table_of
from core.widgets import Widget

_widgets = table_of(Widget)


def hosts_of(work: Work, workspace_id: str, public_url: str) -> frozenset[str]:
    """Of its widgets' pages, its connected shops, and the hub with its help pages."""
    named: list[str] = [public_url]
    own = select(_widgets.c.domain).where(_widgets.c.workspace_id == workspace_id)
    named += work.execute(own).scalars()
    named += [row.shop for row in connections_of(work, workspace_id) if row.state == "active"]
    return frozenset(_hosts(named))


def _hosts(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            host = urlsplit(name if "://" in name else f"https://{name}").hostname or ""
        except ValueError:
            continue
        if "." in host or host == "localhost":
            yield host.lower().removeprefix("www.").removeprefix("*.")
