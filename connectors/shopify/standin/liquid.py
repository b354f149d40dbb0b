"""As much of Liquid as a theme app extension's block needs: assign, if, filters `escape` and `t`.

What it does not know it refuses, so that a block which needs more is noticed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r"(\{%-?.*?-?%\}|\{\{-?.*?-?\}\})", re.DOTALL)
_SCHEMA = re.compile(r"\{%-?\s*schema\s*-?%\}(.*?)\{%-?\s*endschema\s*-?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)


class Block:
    """A block of a theme app extension: its Liquid, its schema, its words."""

    def __init__(self, folder: Path) -> None:
        source = next(iter(sorted((folder / "blocks").glob("*.liquid")))).read_text()
        schema = _SCHEMA.search(source)
        self.schema: dict[str, Any] = json.loads(schema.group(1)) if schema else {}
        self.source = _SCHEMA.sub("", _COMMENT.sub("", source))
        words = folder / "locales" / "en.default.json"
        self.words: dict[str, Any] = json.loads(words.read_text()) if words.exists() else {}

    @property
    def script(self) -> str:
        """The asset Shopify loads beside the block."""
        return str(self.schema.get("javascript", ""))

    @property
    def settings(self) -> dict[str, Any]:
        """What the merchant would find in the theme editor."""
        return {
            one["id"]: one.get("default") for one in self.schema.get("settings", ()) if "id" in one
        }

    def render(self, values: Mapping[str, Any]) -> str:
        """The block's HTML for these variables."""
        return "".join(_Run(self, dict(values)).lines())


class _Run:
    def __init__(self, block: Block, values: dict[str, Any]) -> None:
        self.block = block
        self.values = values
        self.open: list[tuple[bool, bool]] = []  # of each `if`: is this branch shown, was one

    def lines(self) -> Iterator[str]:
        for token in _TOKEN.split(self.block.source):
            if token.startswith("{%"):
                self._tag(token.strip("{}").strip("%-").strip())
            elif not all(shown for shown, _ in self.open):
                continue
            elif token.startswith("{{"):
                yield self._output(token.strip("{}").strip("-").strip())
            else:
                yield token

    def _tag(self, tag: str) -> None:
        name, _, rest = tag.partition(" ") if not tag.startswith("liquid") else ("liquid", "", tag)
        match name.strip():
            case "liquid":
                for line in rest.removeprefix("liquid").strip().splitlines():
                    self._tag(line.strip())
            case "assign":
                variable, _, expression = rest.partition("=")
                self.values[variable.strip()] = self._value(expression)
            case "if":
                shown = self._holds(rest)
                self.open.append((shown, shown))
            case "elsif" | "else":
                _, was = self.open.pop()
                shown = not was and (name == "else" or self._holds(rest))
                self.open.append((shown, was or shown))
            case "endif":
                self.open.pop()
            case _:
                raise ValueError(f"the stand-in's Liquid does not know {name!r}")

    def _output(self, expression: str) -> str:
        value = self._value(expression)
        return "" if value is None else str(value)

    def _value(self, expression: str) -> Any:
        path, *filters = (part.strip() for part in expression.split("|"))
        value = self._variable(path)
        for one in filters:
            if one == "escape":
                value = html.escape("" if value is None else str(value), quote=True)
            elif one == "t":
                value = self.block.words.get(str(value), f"translation missing: {value}")
            else:
                raise ValueError(f"the stand-in's Liquid does not know the filter {one!r}")
        return value

    def _variable(self, path: str) -> Any:
        if path[:1] in ("'", '"'):
            return path[1:-1]
        value: Any = self.values
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _holds(self, condition: str) -> bool:
        return all(self._compared(one.strip()) for one in condition.split(" and "))

    def _compared(self, condition: str) -> bool:
        for sign in ("!=", "=="):
            left, found, right = condition.partition(sign)
            if found:
                value = self._value(left)
                blank = right.strip() == "blank"
                same = value in (None, "", False) if blank else value == self._value(right)
                return same if sign == "==" else not same
        return self._value(condition) not in (None, False)
