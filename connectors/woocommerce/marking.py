"""Marking: what a shop says has changed is noted, and a job asked for that reads it a moment later.

An order changes the stock of ten products: that is one reading, of what the shop says then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from core import marks
from core.connector import Connection
from core.db import Work

Kind = Literal["product", "order", "customer", "coupon"]

JOB = "woocommerce.reread"
PAUSE = 10_000  # milliseconds that changes gather: each reading costs the shop a request


def mark(work: Work, connection: Connection, kind: Kind, external_ids: Iterable[str]) -> None:
    """Have these read again soon, together with whatever else is marked until then."""
    marks.read_again(work, connection, kind, external_ids, JOB, work.now + PAUSE)
