"""Marking: what a shop says has changed is noted, and a job asked for that reads it a moment later.

Ten webhooks about a product within a second are one reading, of what the shop says then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from connectors.shopify.settings import NAME
from core import marks
from core.connector import Connection
from core.db import Work

Kind = Literal["item", "product", "order"]  # an item of the inventory belongs to a product

JOB = f"{NAME}.reread"
PAUSE = 2_500  # milliseconds that changes gather


def mark(work: Work, connection: Connection, kind: Kind, external_ids: Iterable[str]) -> None:
    """Have these read again soon, together with whatever else is marked until then."""
    marks.read_again(work, connection, kind, external_ids, JOB, work.now + PAUSE)
