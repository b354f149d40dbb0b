"""Pages: the one small document the connector serves itself."""

from __future__ import annotations

from html import escape

from core.routes import Answer


def bounce(address: str) -> Answer:
    """A page that asks for another one of ours at once, with the cookies of our own site."""
    link = escape(address)
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Back from the shop'
        f'</title><meta http-equiv="refresh" content="0;url={link}"></head>'
        f'<body><main><p>Back from the shop. <a href="{link}">Go on</a></p></main></body></html>'
    )
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = {"content-security-policy": policy}
    return Answer(text.encode(), 200, headers, "text/html; charset=utf-8")
