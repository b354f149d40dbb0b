"""The pieces the merchant's pages are made of: buttons, fields, tables, cards."""

from __future__ import annotations

from connectors.shopify.standin.pages import esc


def button(action: str, text: str, kind: str = "", **fields: object) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{esc(value)}">'
        for name, value in fields.items()
    )
    return (
        f'<form class="inline" method="post" action="/admin/standin/do/{action}">{hidden}'
        f'<button class="{kind}">{esc(text)}</button></form>'
    )


def form(action: str, inside: str, text: str) -> str:
    return (
        f'<form class="row" method="post" action="/admin/standin/do/{action}">{inside}'
        f'<button class="primary">{esc(text)}</button></form>'
    )


def field(name: str, title: str, value: object = "", kind: str = "text", size: int = 14) -> str:
    step = ' step="any"' if kind == "number" else ""
    return (
        f'<label>{esc(title)}<input name="{name}" type="{kind}"{step} value="{esc(value)}" '
        f'size="{size}"></label>'
    )


def choice(name: str, title: str, options: list[tuple[str, str]], chosen: str = "") -> str:
    inside = "".join(
        f'<option value="{esc(value)}"{" selected" if value == chosen else ""}>{esc(text)}</option>'
        for value, text in options
    )
    return f'<label>{esc(title)}<select name="{name}">{inside}</select></label>'


def tick(name: str, title: str, on: bool = False) -> str:
    return (
        f'<label style="display:flex;gap:.4rem;align-items:center"><input type="checkbox" '
        f'name="{name}"{" checked" if on else ""}>{esc(title)}</label>'
    )


def table(heads: list[str], rows: list[list[str]], nothing: str) -> str:
    if not rows:
        return f'<p class="soft">{esc(nothing)}</p>'
    head = "".join(f"<th>{esc(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def card(title: str, inside: str) -> str:
    return f'<section class="card"><h2>{esc(title)}</h2>{inside}</section>'


def pill(text: str, bad: bool = False) -> str:
    return f'<span class="pill{" bad" if bad else ""}">{esc(text.lower().replace("_", " "))}</span>'
