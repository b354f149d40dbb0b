"""TypeScript types of everything on the wire, written from the structs that Python uses.

`python -m chat.typescript` writes `chat/protocol.ts`, which widget and console import. A test
compares the file with `render()`, so the two languages cannot drift apart.
"""

from __future__ import annotations

import inspect
import re
import textwrap
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from chat import protocol
from core import events, views

TARGET = Path(protocol.__file__).with_name("protocol.ts")
WIDTH = 120

HEAD = """\
// What widget, console and hub say to each other. Written by `python -m chat.typescript` from
// chat/protocol.py, core/events.py and core/views.py: change those, not this file.

/** RFC 3339, in UTC. */
export type Time = string;
"""

PLAIN: dict[type[shapes.Type], str] = {
    shapes.StrType: "string",
    shapes.IntType: "number",
    shapes.FloatType: "number",
    shapes.BoolType: "boolean",
    shapes.NoneType: "null",
    shapes.DateTimeType: "Time",
    shapes.AnyType: "unknown",
}


def render() -> str:
    """The whole of `chat/protocol.ts`; the same structs always give the same text."""
    heard = [event for event in events.EVENTS if event.audience != "hub"]
    parts = [
        HEAD,
        *_constants(),
        *(_alias(name, values) for name, values in ALIASES.items()),
        *(_interface(view) for view in _views()),
        *(_interface(frame, sent=True) for frame in protocol.CLIENT_FRAMES),
        _union("ClientFrame", "A frame sent by a browser.", protocol.CLIENT_FRAMES),
        _interface(protocol.You),
        *(_interface(frame) for frame in protocol.SERVER_FRAMES),
        _union(
            "ServerFrame",
            "A frame from the hub that is not an event: it is not in the log.",
            protocol.SERVER_FRAMES,
        ),
        *(_interface(event) for event in heard),
        _union(
            "HubEvent",
            "What happened, numbered by `seq` within the workspace's epoch. "
            "A newer hub may tell of more: ignore types you do not know.",
            heard,
        ),
    ]
    return "\n".join(parts)


def _constants() -> Iterator[str]:
    numbers = {
        name: value
        for name, value in vars(protocol).items()
        if name.isupper() and isinstance(value, int)
    }
    yield "".join(f"export const {name} = {value};\n" for name, value in numbers.items())


def _aliases(module: types.ModuleType) -> dict[str, tuple[str, ...]]:
    """The module's named choices, such as `Status`, in the order they were written."""
    return {
        name: get_args(value)
        for name, value in vars(module).items()
        if not name.startswith("_") and str(get_origin(value)) == "typing.Literal"
    }


ALIASES = _aliases(views)
NAME_OF = {tuple(sorted(values)): name for name, values in ALIASES.items()}


def _alias(name: str, values: Iterable[str]) -> str:
    return f"export type {name} = {' | '.join(_quoted(value) for value in values)};\n"


def _views() -> list[type[msgspec.Struct]]:
    return [view for view in views.View.__subclasses__() if view.__module__ == views.__name__]


def _interface(struct: type[msgspec.Struct], sent: bool = False) -> str:
    """One struct; `sent` by a browser, what has a default may be left out."""
    shape = shapes.type_info(struct)
    assert isinstance(shape, shapes.StructType)
    said = _field_comments(struct)
    lines = [*_doc(_about(struct)), f"export interface {struct.__name__} {{"]
    if issubclass(struct, events.Event):
        lines.append("  seq: number;")
    if shape.tag_field is not None:
        lines.append(f"  {shape.tag_field}: {_quoted(str(shape.tag))};")
    for field in shape.fields:
        optional = "?" if sent and not field.required else ""
        comment = f" // {said[field.name]}" if field.name in said else ""
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};{comment}")
    return "\n".join([*lines, "}", ""])


def _union(name: str, about: str, members: Iterable[type[msgspec.Struct]]) -> str:
    names = "".join(f"\n  | {member.__name__}" for member in members)
    return "\n".join([*_doc(about), f"export type {name} ={names};", ""])


def _type(shape: shapes.Type) -> str:
    match shape:
        case shapes.StructType(cls=cls):
            return str(cls.__name__)
        case shapes.LiteralType(values=values):
            named = NAME_OF.get(tuple(str(value) for value in values))
            return named or " | ".join(_quoted(str(value)) for value in values)
        case shapes.UnionType(types=members):
            return " | ".join(_type(member) for member in members)
        case shapes.VarTupleType(item_type=item) | shapes.ListType(item_type=item):
            inner = _type(item)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case shapes.DictType(value_type=value):
            return f"{{ [key: string]: {_type(value)} }}"  # our own Record shadows Record<K, V>
    return PLAIN[type(shape)]  # a new kind of field stops here instead of becoming `any`


def _about(struct: type[msgspec.Struct]) -> str:
    text = _in_typescript(inspect.cleandoc(struct.__doc__ or ""))
    if issubclass(struct, events.Event):
        text = f"{text}\n\nHeard by: {AUDIENCES[struct.audience]}.".strip()
    return text


AUDIENCES = {
    "agents": "every agent of the workspace",
    "conversation": "agents, and the visitor it belongs to",
    "customer": "agents, and the verified sessions of the customer",
}


def _field_comments(struct: type[msgspec.Struct]) -> dict[str, str]:
    """What the source says behind each field: `read_seq: int  # the visitor has read …`."""
    source = inspect.getsource(struct)
    found = re.finditer(r"^    (\w+): [^#\n]*  # (.+)$", source, re.MULTILINE)
    return {match[1]: _in_typescript(match[2]) for match in found}


def _in_typescript(text: str) -> str:
    return re.sub(r"\bNone\b", "null", text)


def _doc(text: str) -> list[str]:
    if not text:
        return []
    lines = [
        line
        for paragraph in text.split("\n")
        for line in (textwrap.wrap(paragraph, WIDTH - 4) or [""])
    ]
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def _quoted(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
