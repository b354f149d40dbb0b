"""Origins: whether a browser's request comes from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_own_origin(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether `Origin` is exactly the hub's public address, or the address it was called at.

    The second lets an operator use `localhost` and `127.0.0.1` alike. A browser sets both
    headers itself; no script can forge them.
    """
    origin = headers.get("origin", "")
    if not origin or origin == "null":
        return False
    if origin == _origin_of(public_url):
        return True
    host = headers.get("host", "")  # compared as text: what was sent may not be an address at all
    return bool(host) and origin in (f"http://{host}", f"https://{host}")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
