"""The OpenAPI document as one HTML page: nothing in it is loaded from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

Json = dict[str, Any]

DEEPEST = 4  # levels of a shape that are shown; the document has them all
WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}
FORMATS = {"date-time": "time", "decimal": "exact amount"}
WHO = {"visitor": "Visitor", "role": "Agent", "scope": "API key"}
_TOKEN = re.compile(
    r'("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(?<![\w:/.-])(-?\d+(?:\.\d+)?)(?![\w/])'
)


def render(document: Json) -> str:
    """The page."""
    groups = {tag["name"]: list(_operations(document, tag["name"])) for tag in document["tags"]}
    info, server = document["info"], document["servers"][0]["url"]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · {escape(info["title"])}</title>
<link rel="stylesheet" href="/docs/page.css">
<script src="/docs/page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav class="side" aria-label="API">
<p class="brand"><a href="#top">{escape(info["title"])}</a> <span>API {info["version"]}</span></p>
<input type="search" id="filter" placeholder="Filter" aria-label="Filter the list" hidden>
{"".join(_menu(name, group) for name, group in groups.items())}
</nav>
<main id="content">
<header id="top">
<h1>{escape(info["title"])} API</h1>
<p class="lead">{escape(info["summary"])}</p>
<p>The hub answers at <code>{escape(server)}</code>. The same as a document for programs:
<a href="/openapi.json">openapi.json</a> (OpenAPI {document["openapi"]}).</p>
{_prose(info["description"])}
{_keys(document)}
</header>
{"".join(Group(document, server, name, group).html() for name, group in groups.items())}
</main>
</body>
</html>
"""


def _operations(document: Json, tag: str) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method, path, operation


def _menu(name: str, group: Iterable[tuple[str, str, Json]]) -> str:
    links = "".join(
        f'<li><a href="#{operation["operationId"]}">{_method(method)}'
        f"<span>{escape(operation['summary'])}</span></a></li>"
        for method, _, operation in group
    )
    return (
        f'<section><h2><a href="#{_slug(name)}">{escape(name)}</a></h2><ul>{links}</ul></section>'
    )


def _keys(document: Json) -> str:
    schemes = document["components"]["securitySchemes"].values()
    names = ("API key", "Visitor's token", "Agent's session")
    rows = "".join(
        f"<dt>{name}</dt><dd>{_inline(scheme['description'])}</dd>"
        for name, scheme in zip(names, schemes, strict=True)
    )
    return f'<h2>Who is asking</h2><dl class="keys">{rows}</dl>'


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.strip().split("\n\n"))


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())


def _method(method: str) -> str:
    return f'<b class="method {method}">{method.upper().replace("DELETE", "DEL")}</b>'


class Group:
    """The operations of one tag."""

    def __init__(
        self, document: Json, server: str, name: str, group: list[tuple[str, str, Json]]
    ) -> None:
        self._document = document
        self._server = server
        self._name = name
        self._group = group

    def html(self) -> str:
        """The group as a section."""
        parts = "".join(self._operation(*each) for each in self._group)
        name = escape(self._name)
        return f'<section class="group" id="{_slug(self._name)}"><h2>{name}</h2>{parts}</section>'

    def _operation(self, method: str, path: str, operation: Json) -> str:
        id_ = operation["operationId"]
        address = escape(path).replace("/", "/<wbr>")
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        said = operation.get("description", "")
        return f"""
<article id="{id_}" aria-labelledby="{id_}-title">
<h3 id="{id_}-title">{escape(operation["summary"])}
<a class="anchor" href="#{id_}" aria-label="Link to this operation">#</a></h3>
<p class="address">{_method(method)} <code>{address}</code> {_who(operation["x-access"])}</p>
<div class="columns"><div class="facts">
{_prose(said) if said else ""}
{self._parameters(operation)}
{self._table("Body", self._fields(body["schema"])) if body else ""}
{self._responses(operation)}
</div><div class="samples">
{self._request(method, path, operation, body)}
{self._answer(operation)}
</div></div>
</article>"""

    # Tables of fields ---------------------------------------------------------------------

    def _table(self, title: str, rows: list[str]) -> str:
        if not rows:
            return ""
        return f'<h4>{title}</h4><table class="fields"><tbody>{"".join(rows)}</tbody></table>'

    def _parameters(self, operation: Json) -> str:
        titles = {"path": "In the address", "query": "Query", "header": "Headers"}
        tables = []
        for place, title in titles.items():
            rows = [
                self._row(one["name"], one["schema"], one["required"], one.get("description", ""))
                for one in operation.get("parameters", ())
                if one["in"] == place
            ]
            tables.append(self._table(title, rows))
        return "".join(tables)

    def _fields(self, schema: Json, before: str = "", depth: int = 1) -> list[str]:
        """A row for each member of a shape, and below it for the members of that."""
        rows: list[str] = []
        shape = self._resolved(schema)
        for name, member in shape.get("properties", {}).items():
            full = f"{before}{name}"
            rows.append(
                self._row(
                    full, member, name in shape.get("required", ()), member.get("description", "")
                )
            )
            inner, mark = self._inner(member)
            if inner and depth < DEEPEST:
                rows += self._fields(inner, f"{full}{mark}", depth + 1)
        return rows

    def _inner(self, schema: Json) -> tuple[Json | None, str]:
        """The shape within a member, and what its fields' names begin with."""
        for choice in schema.get("anyOf", [schema]):
            if "$ref" in choice:
                return choice, "."
            items = choice.get("items", {})
            if "$ref" in items:
                return items, "[]."
        return None, ""

    def _row(self, name: str, schema: Json, required: bool, said: str) -> str:
        parent, dot, last = name.rpartition(".")
        shown = f"<span>{escape(parent + dot)}</span>{escape(last)}"
        must = "" if required else ' <small class="optional">optional</small>'
        details = [_inline(said)] if said else []
        details += [
            f"At most {schema[key]:,} {what}."
            for key, what in (("maxLength", "characters"), ("maxItems", "items"))
            if key in schema
        ]
        if "default" in schema and schema["default"] not in ("", [], {}):
            details.append(f"Without it: <code>{escape(json.dumps(schema['default']))}</code>.")
        return (
            f'<tr><th scope="row"><code>{shown}</code>{must}</th>'
            f"<td><span class='type'>{self._type(schema)}</span>"
            f"{'<p>' + ' '.join(details) + '</p>' if details else ''}</td></tr>"
        )

    def _type(self, schema: Json) -> str:
        if "enum" in schema:
            return " · ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._type(one) for one in schema["anyOf"]))
        if "$ref" in schema:
            shape = self._resolved(schema)
            return self._type(shape) if "enum" in shape else "object"
        kinds = schema.get("type", "anything")
        names: list[str] = kinds if isinstance(kinds, list) else [kinds]
        if "format" in schema and "null" not in names:
            form: str = schema["format"]
            names = [FORMATS.get(form, form)]
        if names == ["array"]:
            inner = self._type(schema.get("items", {}))
            return f"list of {inner if inner != 'object' else 'objects'}"
        return " or ".join(WORDS.get(name, name) for name in names)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._document["components"]["schemas"][name]
        return schema

    def _responses(self, operation: Json) -> str:
        rows = []
        for status, response in operation["responses"].items():
            if "$ref" in response:
                name = response["$ref"].rpartition("/")[2]
                response = self._document["components"]["responses"][name]
            kind = "good" if status < "300" else "bad"
            text = _inline(response["description"])
            rows.append(f'<li><b class="status {kind}">{status}</b> {text}</li>')
        return (
            f'<details><summary>Answers</summary><ul class="answers">{"".join(rows)}</ul></details>'
        )

    # Samples ------------------------------------------------------------------------------

    def _request(self, method: str, path: str, operation: Json, body: Json | None) -> str:
        access = operation["x-access"]
        if "role" in access and "visitor" not in access:
            return ""  # the console's own, by cookie
        sent = None if body is None else body.get("example", self._sample(body["schema"]))
        lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}{self._server}{path}"]
        if "public" not in access:
            key = "wgk_…" if "scope" in access else "vst_…"
            lines.append(f'-H "Authorization: Bearer {key}"')
        if sent is not None:
            written = json.dumps(sent, ensure_ascii=False, indent=2).replace("'", "'\\''")
            lines += ['-H "Content-Type: application/json"', f"-d '{written}'"]
        return _code("Request", " \\\n  ".join(lines))

    def _answer(self, operation: Json) -> str:
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if status < "300" and content:
                shown = content.get("example", self._sample(content["schema"]))
                return _code(f"Answer {status}", json.dumps(shown, ensure_ascii=False, indent=2))
        return ""

    def _sample(self, schema: Json, depth: int = 0) -> Any:
        """A value such as the schema describes."""
        shape = self._resolved(schema)
        if "anyOf" in shape:
            return self._sample(shape["anyOf"][0], depth)
        if "enum" in shape:
            return shape["enum"][0]
        kind = shape.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            members = shape.get("properties", {})
            return {} if depth > DEEPEST else {
                name: self._sample(member, depth + 1) for name, member in members.items()
            }  # fmt: skip
        if kind == "array":
            if "prefixItems" in shape:
                return [self._sample(one, depth + 1) for one in shape["prefixItems"]]
            items = shape.get("items")
            return [self._sample(items, depth + 1)] if items and depth < DEEPEST else []
        if kind in ("integer", "number", "boolean"):
            return {"integer": 1, "number": 1.5, "boolean": True}[kind]
        return {"date-time": "2026-11-22T09:30:00Z", "decimal": "19.99"}.get(
            shape.get("format", ""), "…"
        )


def _who(access: Json) -> str:
    if "public" in access:
        return '<span class="who">Anyone</span>'
    return "".join(
        f'<span class="who">{WHO[kind]} <i>{escape(str(level))}</i></span>'
        for kind, level in access.items()
    )


def _code(title: str, text: str) -> str:
    coloured = _TOKEN.sub(_colour, escape(text, quote=False))
    shown = f'<pre tabindex="0"><code>{coloured}</code></pre>'
    return f"<figure><figcaption>{title}</figcaption>{shown}</figure>"


def _colour(found: re.Match[str]) -> str:
    text, colon, word, number = found.groups()
    if text:
        return f'<span class="{"k" if colon else "s"}">{text}</span>{colon or ""}'
    return f'<span class="n">{word or number}</span>'
