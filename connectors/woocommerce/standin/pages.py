"""HTML for the stand-in's own pages: one look, no assets from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterable
from string import Template

from aiohttp import web

NO_STORE = "no-cache, must-revalidate, max-age=0, no-store, private"
STYLE = """
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#1d2327;
background:#f0f0f1}a{color:#7f54b3}header{background:#1d2327;color:#fff;padding:12px 24px;
display:flex;gap:20px;align-items:baseline;flex-wrap:wrap}header a{color:#fff;
text-decoration:none}header a:hover{text-decoration:underline}header b{font-size:17px}
main{max-width:1080px;margin:24px auto;padding:0 24px}main.narrow{max-width:480px}
section{background:#fff;border:1px solid #dcdcde;border-radius:6px;padding:16px 20px;
margin-bottom:20px}h1{font-size:22px;font-weight:500}h2{font-size:16px;margin:0 0 10px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:6px 10px 6px 0;
border-bottom:1px solid #eee;vertical-align:top}th{font-weight:600;color:#50575e}
td{overflow-wrap:anywhere}form.row{display:flex;gap:8px;flex-wrap:wrap;align-items:end;
margin-top:12px}form.inline{display:inline}label{font-size:13px;color:#50575e;display:grid;gap:2px}
input,select{font:inherit;padding:5px 8px;border:1px solid #8c8f94;border-radius:4px;
min-width:0;max-width:220px;background:#fff}input[type=number]{width:130px}
button,.button{font:inherit;padding:5px 14px;
border:1px solid #7f54b3;border-radius:4px;background:#7f54b3;color:#fff;cursor:pointer;
text-decoration:none;display:inline-block}button.quiet,.button.quiet{background:#fff;
color:#7f54b3}code{font-size:13px;background:#f6f7f7;padding:1px 4px}small{color:#646970}
.good{color:#00692b}.bad{color:#b32d2e}.grid{display:grid;gap:20px;
grid-template-columns:repeat(auto-fit,minmax(200px,1fr))}.figure{font-size:26px}
.card{background:#fff;border:1px solid #dcdcde;border-radius:6px;padding:14px}
.scroll{overflow-x:auto}.scroll+h2{margin-top:24px}form.inline+form.inline{margin-left:6px}
"""
PAGE = Template(
    """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>$title</title>
<link rel="icon" href="data:,"><style>$style</style>$head</head>
<body><header>$header</header><main class="$kind"><h1>$title</h1>$body</main>$footer</body></html>
"""
)


def escape(text: object) -> str:
    return html.escape(str(text))


def page(
    title: str,
    body: str,
    *,
    header: str = "<b>Stand-in shop</b>",
    head: str = "",
    footer: str = "",
    kind: str = "",
    status: int = 200,
    cached: bool = False,
) -> web.Response:
    """A whole page; everything but the title is HTML already."""
    text = PAGE.substitute(
        title=escape(title),
        style=STYLE,
        head=head,
        header=header,
        body=body,
        footer=footer,
        kind=kind,
    )
    headers = {} if cached else {"Cache-Control": NO_STORE}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A table of cells that are HTML already."""
    if not rows:
        return "<p><small>Nothing here yet.</small></p>"
    head = "".join(f"<th>{escape(one)}</th>" for one in columns)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def button(do: str, label: str, **hidden: object) -> str:
    """A form of one button."""
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"do": do, **hidden}.items()
    )
    return (
        f'<form class="inline" method="post">{fields}<button class="quiet">{label}</button></form>'
    )


def form(do: str, label: str, *fields: str) -> str:
    """A row of fields with a button at its end."""
    hidden = f'<input type="hidden" name="do" value="{do}">'
    return (
        f'<form class="row" method="post">{hidden}{"".join(fields)}<button>{label}</button></form>'
    )


def field(name: str, label: str, value: object = "", kind: str = "text") -> str:
    given = f'name="{name}" type="{kind}" value="{escape(value)}"'
    return f'<label>{label}<input {given} size="14"></label>'


def select(name: str, label: str, options: Iterable[str]) -> str:
    shown = "".join(f"<option>{escape(one)}</option>" for one in options)
    return f'<label>{label}<select name="{name}">{shown}</select></label>'


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"
