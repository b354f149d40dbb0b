"""The look of the stand-in's own pages: one sheet, no assets from anywhere."""

from __future__ import annotations

import html

STYLE = """
:root { --ink:#1f2a2e; --soft:#5d6b70; --line:#dfe5e3; --paper:#f6f8f7; --card:#fff;
  --accent:#1c6e5a; --bad:#a8323a; --good:#1c6e5a; }
* { box-sizing:border-box }
body { margin:0; font:15px/1.5 system-ui,sans-serif; color:var(--ink); background:var(--paper) }
a { color:var(--accent) } code { font:13px ui-monospace,monospace; word-break:break-all }
header.top { display:flex; gap:1rem; align-items:center; padding:.7rem 1.4rem; background:#12312b;
  color:#fff; flex-wrap:wrap }
header.top b { font-size:1.05rem } header.top a { color:#cfe7df; text-decoration:none }
header.top a.here { color:#fff; border-bottom:2px solid #7fd1b9 }
header.top .right { margin-left:auto; color:#cfe7df; font-size:.85rem }
main { max-width:1180px; margin:1.4rem auto; padding:0 1.2rem; display:grid; gap:1.1rem }
.card { background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:1.1rem 1.3rem; overflow-x:auto }
.narrow { max-width:34rem; margin:2rem auto; width:100% }
h1 { font-size:1.35rem; margin:0 0 .6rem } h2 { font-size:1.05rem; margin:0 0 .7rem }
table { border-collapse:collapse; width:100% } th { text-align:left; color:var(--soft);
  font-weight:600; font-size:.8rem; } th,td { padding:.4rem .6rem .4rem 0;
  border-bottom:1px solid var(--line); vertical-align:middle } tr:last-child td { border:0 }
input,select,button,textarea { font:inherit; padding:.35rem .6rem; border:1px solid #c3cdca;
  border-radius:7px; background:#fff; color:inherit; max-width:100% }
button { cursor:pointer; background:#fff } button:hover { border-color:var(--accent) }
button.primary { background:var(--accent); color:#fff; border-color:var(--accent) }
button.danger { color:var(--bad) } label { display:grid; gap:.2rem; font-size:.8rem;
  color:var(--soft) } .row { display:flex; gap:.6rem; flex-wrap:wrap; align-items:end }
input[type=number] { width:6.5rem } header.top select { color:var(--ink) }
.card > form + form.inline { display:inline-block; margin-top:.6rem }
form.inline { display:inline } .soft { color:var(--soft) } .bad { color:var(--bad) }
.good { color:var(--good) } .pill { border-radius:99px; padding:.1rem .6rem; font-size:.8rem;
  background:#e6efec; white-space:nowrap } .pill.bad { background:#f8e3e4 }
.two { display:grid; gap:1.1rem; grid-template-columns:repeat(auto-fit,minmax(22rem,1fr)) }
.num { font-variant-numeric:tabular-nums; text-align:right } nav { display:flex; gap:1rem }
.note { background:#fff7df; border:1px solid #ecd9a0; border-radius:8px; padding:.5rem .8rem }
.goods { display:grid; gap:1rem; grid-template-columns:repeat(auto-fill,minmax(13rem,1fr)) }
.goods .card { padding:0; overflow:hidden; display:flex; flex-direction:column }
.goods .text { padding:.8rem 1rem; display:grid; gap:.35rem } .goods img { width:100%;
  aspect-ratio:4/3; object-fit:cover; display:block } .price { font-weight:600 }
"""


def page(title: str, body: str, *, header: str = "", tail: str = "") -> str:
    """A whole document; `body` and what follows are HTML already."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        "<link rel=icon href=data:,>"
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
        f"{header}<main>{body}</main>{tail}</html>"
    )


def esc(value: object) -> str:
    """Text, safe anywhere in a page."""
    return html.escape(str(value), quote=True)
