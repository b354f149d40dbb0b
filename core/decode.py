"""The one strict decoder: bytes from outside become a typed shape, or a clear refusal.

msgspec checks the JSON and the types. What it lets pass and the hub does not is found by a few
searches over the bytes, which cost a batch of 100 records less than the decoding itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from core.errors import Invalid, Malformed, TooLarge

T = TypeVar("T")

DEPTH = 32
LARGEST = 2**53  # beyond it a browser's number is not the number that was meant
DIGITS = 16  # of LARGEST
VALUE_SHOWN = 40  # characters of a wrong value in a message

# One kind of byte for brackets that open, one for those that close, one for digits.
_KINDS = bytes.maketrans(b"{}123456789", b"[]000000000")
_UNSTRUCTURED = bytes(set(range(256)) - set(b'[]{}"'))
_LONG_RUN = b"0" * DIGITS
_NUMBER = re.compile(rb"-?(\d+)(\.\d+)?([eE][+-]?\d+)?")
_TELLING_ESCAPE = re.compile(rb'\\(?:[\\"]|u(?:0000|[dD][89a-fA-F]))')
_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def decode(body: bytes, shape: type[T], *, limit: int, large_numbers: bool = False) -> T:
    """`body` as a `shape`; TooLarge over `limit` bytes, Malformed if it is not sound JSON.

    A sound body of another shape is Invalid, naming the `field` (`records[0].amount`) and, within
    a list at the top, the `index`. Fields that `shape` does not have are ignored. With
    `large_numbers` whole numbers beyond 2^53 pass: the ids of vendors who are no browsers.
    """
    if len(body) > limit:
        raise TooLarge(f"This is larger than the {_size(limit)} we take at once.")
    check(body, large_numbers=large_numbers)
    try:
        decoded: T = _decoder(shape).decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error, shape) from None
    except msgspec.DecodeError as error:
        raise Malformed(f"This is not JSON: {_place(error)}.") from None
    except RecursionError:  # not reached: `check` has refused it
        raise Malformed(f"This is nested deeper than {DEPTH} levels.") from None
    return decoded


def decode_items(items: Iterable[msgspec.Raw], shape: type[T]) -> Iterator[T | Invalid]:
    """Each item of a list decoded as `list[msgspec.Raw]`: a wrong one does not spoil the others.

    `field` is relative to the item (`amount`) and `index` is its place in the list.
    """
    read = _decoder(shape).decode
    for index, item in enumerate(items):
        try:
            yield read(item)
        except msgspec.ValidationError as error:
            refusal = _invalid(error, shape)
            refusal.index = index
            yield refusal


def decode_query(values: Mapping[str, str], shape: type[T]) -> T:
    """An address's parameters as a `shape`; Invalid names the parameter that does not fit."""
    try:
        return msgspec.convert(dict(values), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error, shape) from None


def check(body: bytes, *, large_numbers: bool = False) -> None:
    """Malformed for what msgspec would let pass: NUL, half a surrogate pair, bad UTF-8 in a
    field nobody reads, nesting below 32 levels, whole numbers beyond 2^53."""
    if not body.isascii():
        _check_utf8(body)
    if b"\0" in body:
        raise Malformed("This holds a NUL character.")
    if b"\\" in body and _TELLING_ESCAPE.search(body):
        body = body.replace(b"\\\\", b"")  # each backslash left now begins an escape
        _check_escapes(body)
        body = body.replace(b'\\"', b"")  # and each quote begins or ends a string
    _check_depth(body)
    if not large_numbers and _LONG_RUN in body.translate(_KINDS):
        _check_numbers(body)


def _check_utf8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"This is not UTF-8 text: see byte {error.start}.") from None


def _check_escapes(body: bytes) -> None:
    if b"\\u0000" in body:
        raise Malformed("This holds a NUL character.")
    if _SURROGATE.search(body) and _SURROGATE.search(_PAIR.sub(b"", body)):
        raise Malformed("This holds half a character: a surrogate without its partner.")


def _check_depth(body: bytes) -> None:
    marks = body.translate(_KINDS, _UNSTRUCTURED)
    marks = marks.replace(b'""', b"")  # strings without brackets: most of them
    brackets = b"".join(marks.split(b'"')[::2])  # what is outside of strings
    for _ in range(DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")  # the innermost level
    if brackets:
        raise Malformed(f"This is nested deeper than {DEPTH} levels, or lacks a bracket.")


def _check_numbers(body: bytes) -> None:
    outside = b" ".join(body.split(b'"')[::2])
    for whole, fraction, exponent in _NUMBER.findall(outside):
        if fraction or exponent or len(whole) < DIGITS:
            continue
        if len(whole) > DIGITS or int(whole) > LARGEST:
            raise Malformed("This holds a whole number beyond 2^53; send it as text.")


# Saying what is wrong --------------------------------------------------------------------

_PATH = re.compile(r"(.*?)(?: - at `(?:key` in `)?\$([^`]*)`)?", re.DOTALL)
_INDEX = re.compile(r"\.?\w*\[(\d+)\]")
_EXPECTED = re.compile(r"Expected `(?P<type>[^`]*)`(?:, got `(?P<got>[^`]*)`| ?(?P<rule>.*))")
_LENGTH = re.compile(r"of length (?P<order><=|>=|==) (?P<count>\d+)")
_BOUND = re.compile(r"(?P<order><=|>=|<|>) (?P<bound>-?[\d.]+)")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "a time such as 2026-01-31T12:00:00Z",
}
_ORDERS = {"<=": "at most", ">=": "at least", "==": "exactly", "<": "less than", ">": "more than"}


def _invalid(error: msgspec.ValidationError, shape: Any) -> Invalid:
    parts = _PATH.fullmatch(str(error))
    assert parts is not None
    problem, path = parts[1], (parts[2] or "")
    index = _INDEX.match(path)
    field = path.removeprefix(".").replace("[...]", ".*")
    if missing := _MISSING.fullmatch(problem):
        field = f"{field}.{missing['name']}".removeprefix(".")
        sentence = f"{field} is missing."
    else:
        sentence = f"{field or 'The body'} {_must(problem, shape, path)}."
    return Invalid(sentence, field=field or None, index=int(index[1]) if index else None)


def _must(problem: str, shape: Any, path: str) -> str:
    if expected := _EXPECTED.fullmatch(problem):
        types = [_WORDS.get(name, name) for name in expected["type"].split(" | ")]
        wanted = " or ".join(dict.fromkeys(types))
        if expected["got"]:
            return f"must be {wanted}, not {_WORDS.get(expected['got'], expected['got'])}"
        return f"must be {wanted}{_rule(expected['rule'])}"
    if problem.startswith("Invalid ") and (choices := _choices(shape, path)):
        return f"must be one of {', '.join(choices)}"
    return f"is wrong: {problem[:1].lower()}{problem[1 : 2 * VALUE_SHOWN]}"


def _rule(rule: str) -> str:
    if length := _LENGTH.fullmatch(rule):
        return f" of {_ORDERS[length['order']]} {length['count']} in length"
    if bound := _BOUND.fullmatch(rule):
        return f" of {_ORDERS[bound['order']]} {bound['bound']}"
    return f" {rule}"


def _choices(shape: Any, path: str) -> list[str]:
    """The values allowed at `path`, when its type is a Literal or a union's tag."""
    node: Any = inspect.type_info(shape)
    for name in re.findall(r"\w+|\[\.\.\.\]", path):
        node = _below(node, name)
    return [str(value) for value in getattr(node, "values", ())]


def _below(node: Any, name: str) -> Any:
    members = node.types if isinstance(node, inspect.UnionType) else (node,)
    structs = [one for one in members if isinstance(one, inspect.StructType)]
    if tags := [str(one.tag) for one in structs if one.tag_field == name]:
        return inspect.LiteralType(tuple(tags))
    for one in members:
        if isinstance(one, inspect.StructType):
            return next((f.type for f in one.fields if f.encode_name == name), None)
        if isinstance(one, inspect.DictType):
            return one.value_type
        if hasattr(one, "item_type"):
            return one.item_type
    return None


def _place(error: msgspec.DecodeError) -> str:
    text = str(error).removeprefix("JSON is malformed: ")
    return f"{text[:1].lower()}{text[1:]}"


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit >> 10} KiB"


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}  # one for each shape the program has


def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    decoder = _decoders.get(shape)
    if decoder is None:
        decoder = _decoders[shape] = msgspec.json.Decoder(shape)
    return decoder
