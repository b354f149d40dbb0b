"""Tables: rows as CSV for a spreadsheet, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would compute what follows


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as RFC 4180 text; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # Spreadsheets skip leading space before they look.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text
