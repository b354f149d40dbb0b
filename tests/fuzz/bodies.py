"""What strangers send: bodies, queries, paths and headers that are almost right, or not at all.

A body follows the struct its route declares, with hostile values here and there, is written by an
encoder that can write what JSON cannot say, and is sometimes damaged afterwards.

Not with Hypothesis: it repeats itself to find small examples (of 2,400 of its requests a third
were different), and a request that breaks something is small enough as it is.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
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

# What a shop would say, by the name of the field: so that much of what is sent is taken.
USUAL = {
    "kind": ("order",),
    "reference": ("K-1", "K-2"),
    "currency": ("EUR", "JPY", "KWD"),
    "amount": (19.99, "0.1", 1500),
    "amount_cents": (1999, "5"),
    "price": (4, "4.50"),
    "occurred_at": ("2026-01-31T12:00:00Z", "2026-01-31"),
    "updated_at": ("2026-01-31T12:00:00Z",),
    "url": ("https://shop.example/a?b=c#d",),
    "image_url": ("https://shop.example/a.png",),
    "avatar_url": ("https://shop.example/a.png",),
    "logo_url": ("https://shop.example/a.png", None),
    "domain": ("https://shop.example", "Shop.Example:80"),
    "primary_color": ("#7650FF",),
    "scopes": (["records"],),
    "wait": (0,),
    "locale": ("de", "en"),
    "title": ("Tea",),
    "names": ({"en": "Tea", "de": "Tee"},),
    "icon": ("book",),
    "slug": ("tea-2",),
    "collection": ("",),
    "position": (0,),
    "who": ("people",),
}


class Chance(random.Random):
    """Draws what strangers send; the same seed draws the same."""

    names: Sequence[str] = ("",)  # of real things, which are not always refused
    usual: Mapping[str, Sequence[Any]] = USUAL
    calm = False

    def one_in(self, count: int) -> bool:
        return self.randrange(count) == 0

    # Values -------------------------------------------------------------------------------

    def text(self) -> str:
        """A text; most of them mean something to somebody."""
        if self.one_in(6):
            return "".join(chr(self.choice(SIGNS)(self)) for _ in range(self.randrange(12)))
        text = self.choice(TEXTS)
        return text + self.choice(TEXTS) if self.one_in(12) else text

    def leaf(self) -> Any:
        """A value without members."""
        kind = self.randrange(10)
        if kind < 4:
            return self.text()
        return self.choice(VERBATIM if kind < 7 else (*NUMBERS, True, False, None))

    def anything(self, depth: int = 3) -> Any:
        """A value of any shape."""
        if depth == 0 or self.one_in(2):
            return self.leaf()
        inside = [self.anything(depth - 1) for _ in range(self.randrange(4))]
        return inside if self.one_in(2) else Pairs((self.text(), value) for value in inside)

    def value(self, shape: inspect.Type) -> Any:
        """A value that fits; in a body that is not `calm`, one in ten does not."""
        return self.leaf() if not self.calm and self.one_in(10) else self.right(shape)

    def right(self, shape: inspect.Type) -> Any:
        """A value that fits a type; its members mostly do."""
        match shape:
            case inspect.StructType():
                return self.members(shape)
            case inspect.UnionType(types=kinds):
                return self.right(self.choice(kinds))
            case inspect.LiteralType(values=values):
                return self.choice(values)
            case inspect.StrType(pattern=pattern):
                own = self.choice((*self.names, "Tea"))
                return own if pattern or self.calm or self.one_in(3) else self.text()
            case inspect.IntType(ge=least, le=most):
                fits = self.randint(least or -9, min(most or 99, 99))
                return fits if self.calm or self.one_in(2) else self.choice(NUMBERS)
            case inspect.BoolType():
                return self.one_in(2)
            case inspect.NoneType():
                return None
            case inspect.FloatType(le=25.0):  # a poll's patience: nobody here has it
                return self.choice((0, 0.01, -0.01, 26, 2**53))
            case inspect.FloatType() | inspect.DecimalType():
                return "19.99" if self.calm else self.choice((*NUMBERS, self.text()))
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                return [self.value(item) for _ in range(self.choice((0, 1, 1, 2, 4)))]
            case inspect.DictType(value_type=inside):
                names = [self.text() for _ in range(self.randrange(4))]
                return Pairs((name, self.value(inside)) for name in names)
        return self.anything()

    def members(self, shape: inspect.StructType) -> Pairs:
        """An object; one in twelve lacks a member, some have others or the same one twice."""
        pairs = Pairs()
        if shape.tag_field is not None:
            pairs.append((shape.tag_field, shape.tag))
        incomplete, frugal = not self.calm and self.one_in(12), self.one_in(2)
        for field in shape.fields:
            if self.one_in(3) if incomplete or (not field.required and frugal) else True:
                usual = self.usual.get(field.encode_name) if self.calm or self.one_in(2) else None
                value = self.choice(usual) if usual else self.value(field.type)
                pairs.append((field.encode_name, value))
        if self.one_in(8):
            pairs += self.sample(list(EXTRAS.items()), 3)
        if pairs and self.one_in(20):
            pairs.append((self.choice(pairs)[0], self.leaf()))
        return pairs

    # What is sent -------------------------------------------------------------------------

    def body(self, shape: type | None) -> bytes:
        """A body for a route that takes `shape`."""
        self.calm = self.one_in(4)
        wrong = shape is None or (not self.calm and self.one_in(10))
        written = encode(self.anything() if wrong else self.right(inspect.type_info(shape)))
        return self.damaged(written) if not self.calm and self.one_in(5) else written

    def damaged(self, body: bytes) -> bytes:
        """A body that something has happened to on its way."""
        place = self.randint(0, len(body))
        match self.randrange(7):
            case 0:
                return body[:place]
            case 1:
                return body[:place] + self.randbytes(self.randint(1, 4)) + body[place + 1 :]
            case 2:
                return body[:place] + self.choice(VERBATIM) + body[place:]
            case 3:
                return b"\xef\xbb\xbf" + body
            case 4:
                return body + self.choice((b" ", b"\0", b"}", body, b"\n{}"))
            case 5:
                return body.decode("utf-8", "replace").encode("utf-16")
        return b'{"padding":"' + b"x" * self.choice((4096, 70_000, 1 << 20)) + b'"}'

    def query(self, shape: type | None) -> bytes:
        """A query string: the route's own parameters with odd values, and nonsense."""
        own = inspect.type_info(shape).fields if shape else ()
        if not own and self.one_in(2):
            return b""
        return b"&".join(self.parameter(own) for _ in range(self.randint(1, 3)))

    def parameter(self, own: Sequence[inspect.Field]) -> bytes:
        """`name=value`, or something like it."""
        if self.one_in(8):
            return self.choice(ODD_QUERIES)
        if not own or self.one_in(8):
            return f"{self.choice(('id', 'as', 'q'))}={quoted(self.text())}".encode()
        field = self.choice(own)
        kinds = getattr(field.type, "types", (field.type,))
        value: Any = self.text()
        if any(isinstance(kind, inspect.IntType) for kind in kinds):
            value = self.choice(DIGITS)
        elif field.encode_name in self.usual and self.one_in(2):
            value = self.choice(self.usual[field.encode_name])
        elif isinstance(field.type, inspect.LiteralType) and self.one_in(2):
            value = self.choice(field.type.values)
        return f"{field.encode_name}={quoted(str(value))}".encode()

    def segment(self, right: str) -> str:
        """What stands in a path instead of an id; two of three are `right`."""
        if not self.one_in(3):
            return right
        return self.choice(ODD_SEGMENTS) if self.one_in(4) else quoted(self.text())

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Some odd headers, one time in three."""
        names = self.sample(list(HEADERS), self.choice((0, 0, 0, 0, 1, 2)))
        return tuple((name, self.choice(HEADERS[name])) for name in names)


# Ranges of characters that a short text is made of.
SIGNS: tuple[Callable[[random.Random], int], ...] = (
    lambda chance: chance.randrange(128),
    lambda chance: chance.randrange(128),
    lambda chance: chance.randrange(0x3000),
    lambda chance: chance.randrange(0x110000),
)


# Writing ----------------------------------------------------------------------------------


def encode(value: Any) -> bytes:
    """`value` as something like JSON."""
    if isinstance(value, Verbatim):
        return bytes(value)
    if isinstance(value, Pairs):
        return b"{" + b",".join(_text(n) + b":" + encode(v) for n, v in value) + b"}"
    if isinstance(value, dict):
        return encode(Pairs(value.items()))
    if isinstance(value, list):
        return b"[" + b",".join(map(encode, value)) + b"]"
    return _text(value) if isinstance(value, str) else json.dumps(value).encode()


def _text(value: str) -> bytes:
    # Raw UTF-8 where there is any; a lone surrogate as its escape.
    if value.isascii() or any("\ud800" <= sign <= "\udfff" for sign in value):
        return json.dumps(value).encode()
    return msgspec.json.encode(value)


def quoted(text: str) -> str:
    """A text as it is written in an address."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
