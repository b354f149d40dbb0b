"""Pages: the few small documents the connector serves itself; every value in them is escaped."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from core.routes import Answer

APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
ADMIN = "https://admin.shopify.com"
STYLE = """
:root{color-scheme:light dark;--ink:#1c1b22;--soft:#5c5a66;--line:#e3e1ea;--back:#fff;--go:#5a3fd0}
@media(prefers-color-scheme:dark){:root{--ink:#f2f1f6;--soft:#a9a6b4;--line:#3a3845;--back:#1c1b22;
--go:#9c8af0}}
body{margin:0;padding:32px 20px;font:15px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--back)}
main{max-width:560px;margin:0 auto;border:1px solid var(--line);border-radius:12px;padding:24px}
h1{font-size:20px;line-height:1.3;margin:0 0 8px}
p{margin:0 0 16px;color:var(--soft)}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0 0 20px}
dt{color:var(--soft)}dd{margin:0}
a.go{display:inline-block;padding:9px 16px;border-radius:8px;background:var(--go);
color:var(--back);text-decoration:none;font-weight:600}
a.go:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def bounce(address: str) -> Answer:
    """A page that asks for another one of ours at once, with the cookies of our own site."""
    head = f'<meta http-equiv="refresh" content="0;url={escape(address)}">'
    body = f'<p>Back from Shopify. <a class="go" href="{escape(address)}">Go on</a></p>'
    return _page("Back from Shopify", head, body, policy="frame-ancestors 'none'")


def patch_id_token(shop: str, client_id: str) -> Answer:
    """A page on which Shopify's script fetches a fresh id_token and comes back with it."""
    return _page("One moment", _bridge(client_id), "<p>One moment…</p>", policy=admin_policy(shop))


def status(
    shop: str, client_id: str, heading: str, text: str, facts: dict[str, str], go: tuple[str, str]
) -> Answer:
    """The app's page inside the shop's admin: how it is, and the way to the console."""
    listed = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in facts.items()
    )
    label, address = go
    link = (
        f'<a class="go" href="{escape(address)}" target="_blank" rel="noopener">{escape(label)}</a>'
    )
    body = f"<h1>{escape(heading)}</h1><p>{escape(text)}</p>"
    body += (f"<dl>{listed}</dl>" if listed else "") + link
    return _page("Parley", _bridge(client_id), body, policy=admin_policy(shop))


def admin_policy(shop: str) -> str:
    """What a page in the admin may do; only this shop's admin may frame it."""
    return (
        "script-src https://cdn.shopify.com; connect-src 'self' https://*.shopify.com "
        "https://*.shopifysvc.com; img-src data: https://cdn.shopify.com; "
        f"frame-src https://{shop} {ADMIN}; frame-ancestors https://{shop} {ADMIN}"
    )


def _bridge(client_id: str) -> str:
    return (
        f'<meta name="shopify-api-key" content="{escape(client_id)}">'
        f'<script src="{APP_BRIDGE}"></script>'
    )


def _page(title: str, head: str, body: str, *, policy: str) -> Answer:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"{head}<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    whole = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{_STYLE_HASH}'; {policy}"
    )
    headers = {"content-security-policy": whole}
    return Answer(text.encode(), 200, headers, "text/html; charset=utf-8")
