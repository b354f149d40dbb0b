"""What strangers send: bodies, queries, paths and headers that are almost right, or not at all.

A body is drawn from the struct its route declares, with hostile values here and there, written
by an encoder that can write what JSON cannot say, and sometimes damaged afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import msgspec
from hypothesis import strategies as st
from msgspec import inspect


class Verbatim(bytes):
    """Bytes that stand in a body as they are, JSON or not."""


class Pairs(list[tuple[str, Any]]):
    """An object whose names may come twice."""


TEXTS = (
    "", " ", "0", "-1", "1.x", "².x", "null", "guest", "true", "42", "²", "٣", "1e9", "é",
    "e\u0301", "ﬁ", "İ", "ß", "\u202egnp.exe", "\u0000", "a\u0000b", "\ud800", "\udfff\ud800",
    "\U0001f469\u200d\U0001f4bb", "𞤀", "\ufeff", "\x7f", "\x1b[31m", "\r\nX-Evil: 1", "\n", "%",
    "_", "%%", "\\", "\\\\", "'", '"', "'; DROP TABLE messages; --", '" OR 1=1 --', "NEAR(", "a*",
    '"a" AND', "workspace : x", "^", "-", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}", "%s%n", "javascript:alert(1)",
    "JAVASCRIPT:alert(1)", "data:text/html,x", "//evil.example", "https://",
    "https://shop.example/a b", "http://[::1", "http://a@b/", "https://x\\@y", "http://\x00",
    "HTTPS://Shop.Example:99999/", "xn--", "xn--a", "a" * 64 + ".com", ".", "..",
    "../../etc/passwd", "..%2f", "%2e%2e/", "%00", "2026-01-31T12:00:00Z", "2026-01-31",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59+23:59", "1970-01-01T00:00:00+14:00", "2026-02-30",
    "24:00", "EUR", "eur", "XXX", "JPY", "wgk_" + "a" * 24, "vst_" + "a" * 32, "icw_" + "a" * 24,
    "wgk_", "Bearer x", "=1+1", "@SUM(A1)", "x" * 255, "x" * 256, "x" * 2049, "ab" * 6000,
    "é" * 9999, "\u0301" * 3000, "(" * 500, "a" * 30 + "!", " " * 3000,
    "00000000-0000-0000-0000-000000000000", "12345678", "-" * 64,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 25, 255, 1000, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**53 + 1, -(2**53),
    2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 0.1, -0.0, 19.989999999999998, 1e-7, 1e15,
    1e300, 5e-324,
)  # fmt: skip
# What some take for a whole number, and how large one may be.
DIGITS = (
    *(number for number in NUMBERS if isinstance(number, int)), "²", "٣", "1e3", "1_0", " 1",
    "+1", "0x1", "1.0", "", "NaN", "true", "9" * 5000,
)  # fmt: skip
ODD_QUERIES = (
    b"", b"&", b"=", b"%", b"%zz", b"a=%ff", b"\xff=\xfe", b"id", b"&=&=&", b"%00=%00",
    b"q=" + b"x" * 9000, b"q=" + b"%2525" * 99, b"a=1&" * 1500,
)  # fmt: skip
ODD_SEGMENTS = (
    "%",
    "%zz",
    "%2F",
    "..%2f..%2fetc",
    "%2e%2e",
    "%00",
    "%c0%ae",
    ";",
    ":",
    "~",
    "@",
)
VERBATIM = tuple(
    map(
        Verbatim,
        (
            b"NaN", b"-Infinity", b"Infinity", b"1e999", b"-1e-999", b"1e9999999999", b"01",
            b"1.", b".5", b"+1", b"0x10", b"1_000", b"nul", b"True", b"'x'", b'"\xff"', b'"\xc3"',
            b'"\xed\xa0\x80"', b'"\x00"', b'"\t"', b'"\\u0000"', b'"\\ud83d"',
            b'"\\ud83d\\u0041"', b'"\\x41"', b'"\\u12"', b'"', b"9" * 400, b"0." + b"1" * 5000,
            b"-" + b"1" * 40, b"1" * 17 + b".0", b"1e" + b"9" * 100, b"[" * 33 + b"]" * 33,
            b'{"a":' * 40 + b"1" + b"}" * 40, b"[" * 20_000, b"{" * 20_000,
            b'"' + b"\\\\" * 5000 + b'"', b'"' + b"[" * 5000 + b'"', b"/**/1", b"", b",", b"]",
            b"\xef\xbb\xbf1",
        ),
    )
)  # fmt: skip
EXTRAS = {  # V3: no body may say these
    "verified": True,
    "assurance": "token",
    "workspace_id": "wsp_other",
    "role": "owner",
    "external_id": "cust_1",
    "id": "cus_1",
    "customer_id": "cus_1",
    "created_at": "2020-01-01T00:00:00Z",
    "__proto__": {"admin": True},
    "": "",
    "type": "hello",
}
texts = st.one_of(*[st.sampled_from(TEXTS)] * 5, st.text(max_size=12))
numbers = st.sampled_from(NUMBERS)
leaves = st.one_of(texts, st.sampled_from((*NUMBERS, True, False, None)), st.sampled_from(VERBATIM))
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=6,
)


# Shapes -----------------------------------------------------------------------------------


def body_of(shape: type | None, names: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Bodies for a route that takes `shape`, with `names` of real things among the texts."""
    wanted = anything if shape is None else _struct(shape, names)
    written = st.one_of(*[wanted] * 5, anything).map(encode)
    return st.one_of(*[written] * 3, damaged(written))


@cache
def _struct(shape: Any, names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return _right(inspect.type_info(shape), names)


def _mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[right] * 6, leaves)


def _right(node: inspect.Type, names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Values that fit a type, and its members that mostly do."""
    match node:
        case inspect.StructType():
            return _object(node, names)
        case inspect.UnionType(types=members):
            return st.one_of(*(_right(member, names) for member in members))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.StrType():
            return st.one_of(st.sampled_from(names), texts)
        case inspect.IntType(ge=least, le=most):
            return st.one_of(st.integers(least or -9, min(most or 99, 99)), numbers)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.FloatType(le=25.0):  # a poll's patience: nobody here has it
            return st.sampled_from((0, 0.01, -0.01, 26, 2**53))
        case inspect.FloatType() | inspect.DecimalType():
            return st.one_of(numbers, texts)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return st.lists(_mostly(_right(item, names)), max_size=4)
        case inspect.DictType(value_type=value):
            return st.dictionaries(texts, _mostly(_right(value, names)), max_size=4)
    return anything


def _object(node: inspect.StructType, names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    members = {f.encode_name: _mostly(_right(f.type, names)) for f in node.fields}
    if node.tag_field is not None:
        members[node.tag_field] = st.just(node.tag)
    needed = {f.encode_name for f in node.fields if f.required} | {node.tag_field}

    every = (1 << len(members)) - 1
    chosen = st.one_of(st.integers(0, every), st.just(every))

    @st.composite
    def build(draw: Callable[..., Any]) -> Pairs:
        mask = draw(chosen)
        whole = mask % 5  # now and then, what must be there is not
        pairs = Pairs(
            (name, draw(values))
            for place, (name, values) in enumerate(members.items())
            if mask >> place & 1 or (whole and name in needed)
        )
        match mask % 6:
            case 0:
                pairs += draw(st.lists(st.sampled_from(list(EXTRAS.items())), max_size=4))
            case 1 if pairs:
                pairs.append((pairs[0][0], draw(leaves)))  # said twice
        return pairs

    return build()


def frames(shapes: tuple[type, ...], names: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Frames for the socket, of every type a browser may send."""
    return st.one_of(*(body_of(shape, names) for shape in shapes))


# Writing ----------------------------------------------------------------------------------


def encode(value: Any) -> bytes:
    """`value` as something like JSON."""
    if isinstance(value, Verbatim):
        return bytes(value)
    if isinstance(value, dict):
        value = Pairs(value.items())
    if isinstance(value, Pairs):
        return b"{" + b",".join(_text(n) + b":" + encode(v) for n, v in value) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(encode, value)) + b"]"
    return _text(value) if isinstance(value, str) else json.dumps(value).encode()


def _text(value: str) -> bytes:
    # Raw UTF-8 where there is any; a lone surrogate as its escape.
    if value.isascii() or any("\ud800" <= sign <= "\udfff" for sign in value):
        return json.dumps(value).encode()
    return msgspec.json.encode(value)


@st.composite
def damaged(draw: Callable[..., Any], written: st.SearchStrategy[bytes]) -> bytes:
    """A body that something has happened to on its way."""
    body: bytes = draw(written)
    place = draw(st.integers(0, max(len(body), 1)))
    match draw(st.integers(0, 6)):
        case 0:
            return body[:place]
        case 1:
            return body[:place] + draw(st.binary(min_size=1, max_size=4)) + body[place + 1 :]
        case 2:
            return body[:place] + draw(st.sampled_from(VERBATIM)) + body[place:]
        case 3:
            return b"\xef\xbb\xbf" + body
        case 4:
            return body + draw(st.sampled_from((b" ", b"\0", b"}", body, b"\n{}")))
        case 5:
            return body.decode("utf-8", "replace").encode("utf-16")
    return b'{"padding":"' + b"x" * draw(st.sampled_from((4096, 70_000, 1 << 20))) + b'"}'


# Addresses and headers ----------------------------------------------------------------------


def queries(shape: type | None, names: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Query strings: the route's own parameters with odd values, and nonsense."""
    own = [_parameter(field, names) for field in inspect.type_info(shape).fields] if shape else []
    some = _parameter_called("id", texts)
    odd = st.sampled_from(ODD_QUERIES)
    mixed = st.lists(st.one_of(*own * 3, some, odd), min_size=1, max_size=3).map(b"&".join)
    return mixed if own else st.one_of(st.just(b""), mixed)


def _parameter(field: inspect.Field, names: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    kinds = getattr(field.type, "types", (field.type,))
    if any(isinstance(kind, inspect.IntType) for kind in kinds):
        return _parameter_called(field.encode_name, st.sampled_from(DIGITS))
    if isinstance(field.type, inspect.LiteralType):
        return _parameter_called(field.encode_name, st.sampled_from((*field.type.values, "x")))
    return _parameter_called(field.encode_name, st.one_of(texts, texts, st.sampled_from(names)))


def _parameter_called(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return values.map(lambda value: f"{name}={_quoted(str(value))}".encode())


def segments(right: str, names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """What stands in a path instead of an id, as it is written there; often a `right` one."""
    wrong = st.one_of(st.sampled_from(names), texts.map(_quoted), st.sampled_from(ODD_SEGMENTS))
    return st.one_of(st.just(right), wrong)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


HEADERS: dict[bytes, tuple[bytes, ...]] = {
    b"idempotency-key": (
        b"", b"a", b"fuzz-1", b"x" * 255, b"x" * 256, b"x" * 60_000, b"\xff\xfe", b"\xe2\x82\xac",
        b"'; --",
    ),
    b"authorization": (
        b"", b"Bearer", b"Bearer ", b"bearer wgk_", b"Bearer wgk_" + b"a" * 24,
        b"Bearer vst_" + b"a" * 32, b"Bearer wgk_" + b"a" * 70_000, b"Basic YTpi",
        b"Bearer \xff\xff", b"Bearer wgk_%00" + b"a" * 24,
        b"Bearer " + b" " * 20_000 + b"wgk_" + b"a" * 24, b"BEARER wgk_" + b"\xb2" * 24,
    ),
    b"cookie": (
        b"", b";", b"=", b";;;;=;=", b"parley_session=", b"parley_session=x",
        b"parley_session=" + b"a" * 43, b"__Host-parley_session=\xff; parley_session=\xfe",
        b"parley_demo=\"; Path=/", b"parley_demo=guest", b"parley_demo=\"\\0", b"a=b; " * 4000,
        b"parley_session=" + b"a" * 60_000,
    ),
    b"origin": (
        b"", b"null", b"https://evil.example", b"http://", b"://", b"http://[", b"\xff",
        b"http://a:b:c", b"http://testserver", b"file://", b"http://a\xa0b",
    ),
    b"host": (
        b"", b"evil.example", b"[", b"[::1]:80", b"a:b", b"\xff\xfe", b"x" * 5000, b"@", b"a/b",
        b"::1",
    ),
    b"if-none-match": (
        b"", b"*", b'"', b'W/"x"', b'"x"' * 5000, b"\xff", b'""',
    ),
    b"accept-encoding": (
        b"", b"gzip", b"br;q=1.0, gzip;q=0", b"*", b"\xff", b"gzip" * 3000,
    ),
    b"content-type": (
        b"", b"text/plain", b"application/json; charset=utf-16", b"multipart/form-data", b"\xff",
    ),
    b"sec-fetch-site": (
        b"same-origin", b"cross-site", b"", b"\xff", b"same-origin, cross-site",
    ),
    b"user-agent": (
        b"", b"\xff" * 500, b"\x1b[31m", b"${jndi:ldap://x}", b"a" * 20_000, b"Safari/",
    ),
    b"x-forwarded-for": (
        b"1.2.3.4", b"::1", b"\xff", b"1.2.3.4," * 2000, b"'",
    ),
    b"range": (
        b"bytes=0-", b"bytes=-1", b"bytes=9-1", b"bytes=" + b"0-0," * 2000,
    ),
    b"x-http-method-override": (
        b"DELETE",
    ),
    b"\xff": (
        b"\xff",
    ),
}  # fmt: skip
headers = st.one_of(
    st.just(()),
    st.lists(
        st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values]),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
