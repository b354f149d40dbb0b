"""The strict decoder (N1): what it takes, what it refuses, and how clearly."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decode import DEPTH, decode, decode_items
from core.errors import HubError, Invalid, Malformed, TooLarge

LIMIT = 1 << 20


class Item(msgspec.Struct):
    kind: Literal["order", "payment"]
    amount: Decimal | None = None
    title: Annotated[str, msgspec.Meta(max_length=5)] = ""
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Body(msgspec.Struct):
    id: str | int = ""
    items: Annotated[list[Item], msgspec.Meta(max_length=3)] = []
    free: dict[str, Any] = {}


class Loose(msgspec.Struct):
    items: list[msgspec.Raw]


def read(body: bytes, shape: Any = Body) -> Any:
    return decode(body, shape, limit=LIMIT)


def refusal(body: bytes, shape: Any = Body) -> HubError:
    with pytest.raises(HubError) as caught:
        read(body, shape)
    return caught.value


@pytest.mark.parametrize(
    "number", ["19.99", "0.1", "19.989999999999998", "123456789.123456789123456789", "-0.005"]
)
def test_a_number_reaches_a_decimal_without_passing_through_a_float(number: str) -> None:
    assert read(b'{"kind":"order","amount":%s}' % number.encode(), Item).amount == Decimal(number)


def test_fields_nobody_declared_are_ignored() -> None:
    assert read(b'{"id":"a","workspace_id":"wsp_other"}') == Body("a")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}x",
        b'{"id":"a",}',
        b"{'id':1}",
        b'{"free":{"a":NaN}}',
        b'{"free":{"a":Infinity}}',
        b'{"unknown":-Infinity}',
        b'{"id":01}',
        b"\xef\xbb\xbf{}",
        b'{"id":"a"}'.decode().encode("utf-16"),
        b'{"id":"\xff"}',
        b'{"unknown":"\xff"}',
        b'{"\xff":1}',
        b'{"id":"\xed\xa0\x80"}',
        b'{"id":"a\nb"}',
        b'{"id":"\\u0000"}',
        b'{"unknown":"\\u0000"}',
        b'{"id":"\x00"}',
        b'{"id":"\\ud800"}',
        b'{"unknown":"\\ud800 and more text"}',
        b'{"id":"\\uDC00\\uD800"}',
        b'{"free":{"\\ud83d":1}}',
        b'{"id":9007199254740993}',
        b'{"id":-9007199254740993}',
        b'{"unknown":[1,90071992547409920]}',
        b'{"id":' + b"9" * 100_000 + b"}",
        b'{"unknown":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
        b'{"free":' + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH + b"}",
        b"[" * 500_000 + b"]" * 500_000,
        b'{"a":["]",["]",' + b"[" * DEPTH + b'"[","["' + b"]" * DEPTH + b"]]}",
        b'{"a":"\\"]","b":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    ],
)
def test_N1_bytes_that_make_no_sense_are_malformed(body: bytes) -> None:
    error = refusal(body)
    assert isinstance(error, Malformed), error
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":9007199254740992}',
        b'{"id":-9007199254740992}',
        b'{"id":"90071992547409930000"}',
        b'{"id":"a\\"90071992547409930000","unknown":"90071992547409930000"}',
        b'{"unknown":0.12345678901234567890}',
        b'{"unknown":' + b"[" * (DEPTH - 1) + b"]" * (DEPTH - 1) + b"}",
        b'{"id":"' + b"[" * 100 + b'"}',
        b'{"id":"' + b"{[" * 100 + b'\\\\"}',
        b'{"id":"\\\\u0000 \\\\ud800"}',
        b'{"id":"\\ud83d\\ude00"}',
        '{"id":"😀 ü 漢"}'.encode(),
        b'{"items":[' + b",".join([b'{"kind":"order"}'] * 3) + b"]}",
        b' \r\n\t{ "id" : 1 } ',
    ],
)
def test_N1_bytes_that_only_look_suspicious_are_read(body: bytes) -> None:
    read(body)


def test_a_batch_of_many_flat_items_is_not_deep() -> None:
    assert len(read(b'{"items":[' + b",".join([b"{}"] * 1000) + b"]}", Loose).items) == 1000


def test_N2_more_bytes_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match="1 KiB"):
        decode(b'"' + b"a" * 1024 + b'"', str, limit=1024)
    assert decode(b'"aaa"', str, limit=5) == "aaa"


@pytest.mark.parametrize(
    ("body", "field", "index", "message"),
    [
        (b"[]", None, None, "The body must be an object, not a list."),
        (b"null", None, None, "The body must be an object, not null."),
        (b'{"id":[]}', "id", None, "id must be a whole number or text, not a list."),
        (b'{"id":true}', "id", None, "id must be a whole number or text, not true or false."),
        (b'{"items":{}}', "items", None, "items must be a list, not an object."),
        (b'{"items":[{}]}', "items[0].kind", 0, "items[0].kind is missing."),
        (
            b'{"items":[{"kind":"order"},{"kind":"x"}]}',
            "items[1].kind",
            1,
            "items[1].kind must be one of order, payment.",
        ),
        (
            b'{"items":[{"kind":"order","amount":"ten"}]}',
            "items[0].amount",
            0,
            "items[0].amount is wrong: invalid decimal string.",
        ),
        (
            b'{"items":[{"kind":"order","amount":{}}]}',
            "items[0].amount",
            0,
            "items[0].amount must be a number or null, not an object.",
        ),
        (
            b'{"items":[{"kind":"order","title":"abcdef"}]}',
            "items[0].title",
            0,
            "items[0].title must be text of at most 5 in length.",
        ),
        (
            b'{"items":[{"kind":"order","count":0}]}',
            "items[0].count",
            0,
            "items[0].count must be a whole number of at least 1.",
        ),
        (b'{"items":[3]}', "items[0]", 0, "items[0] must be an object, not a whole number."),
        (
            b'{"items":[{},{},{},{}]}',
            "items[0].kind",
            0,
            "items[0].kind is missing.",
        ),
        (b'{"free":{"a":1e400}}', "free.*", None, "free.* is wrong: number out of range."),
    ],
)
def test_D13_an_error_names_the_field_and_says_what_it_must_be(
    body: bytes, field: str | None, index: int | None, message: str
) -> None:
    error = refusal(body)
    assert isinstance(error, Invalid)
    assert (error.field, error.index, error.message) == (field, index, message)


def test_an_unknown_tag_lists_the_known_ones() -> None:
    class Cat(msgspec.Struct, tag="cat"):
        pass

    class Dog(msgspec.Struct, tag="dog"):
        pass

    error = refusal(b'{"type":"cow"}', Cat | Dog)
    assert (error.field, error.message) == ("type", "type must be one of cat, dog.")


def test_a_huge_wrong_value_does_not_come_back_in_the_message() -> None:
    assert len(refusal(b'{"kind":"%s"}' % (b"x" * 100_000), Item).message) < 200


def test_one_bad_item_does_not_spoil_the_others() -> None:
    body = b'{"items":[{"kind":"order"},{"kind":7},{"kind":"payment","amount":1.5}]}'
    first, second, third = decode_items(read(body, Loose).items, Item)
    assert (first, third) == (Item("order"), Item("payment", Decimal("1.5")))
    assert isinstance(second, Invalid)
    assert (second.index, second.field) == (1, "kind")


# Properties --------------------------------------------------------------------------------

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8") | st.sampled_from('[]{}"\\\0\ud800')),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


def depth(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
    return 0


def sound(value: Any) -> bool:
    match value:
        case dict():
            return all(sound(part) for pair in value.items() for part in pair)
        case list():
            return all(map(sound, value))
        case bool():
            return True
        case int():
            return abs(value) <= 2**53
        case str():
            return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    return True


@given(values, st.integers(0, DEPTH + 3), st.booleans())
@settings(max_examples=400)
def test_N1_it_takes_exactly_the_sound_documents(value: Any, wraps: int, ascii_only: bool) -> None:
    for _ in range(wraps):
        value = [value]
    text = json.dumps(value, ensure_ascii=ascii_only)
    body = text.encode("utf-8", "surrogatepass")
    if sound(value) and depth(value) <= DEPTH:
        assert read(body, Any) == json.loads(text)
    else:
        assert isinstance(refusal(body, Any), Malformed)


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8ceE+-.19 n').map(str.encode))
@settings(max_examples=1_000)
def test_N1_no_bytes_cause_anything_but_a_refusal(body: bytes) -> None:
    for shape in (Any, Body, Loose):
        try:
            read(body, shape)
        except HubError as error:
            assert error.status in (400, 422)


@given(st.data())
@settings(max_examples=300)
def test_N1_a_damaged_batch_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(b'{"id":"42","items":[{"kind":"order","amount":19.99,"title":"T\\u00fc"}]}')
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(body))
    except HubError as error:
        assert error.status in (400, 422)


def test_S8_a_vendors_long_ids_are_exact_where_they_are_asked_for() -> None:
    body = b'{"id": 820982911946154508}'
    found = decode(body, dict[str, Any], limit=100, large_numbers=True)
    assert found == {"id": 820982911946154508}
    with pytest.raises(Malformed):
        decode(body, dict[str, Any], limit=100)
    with pytest.raises(Malformed):
        decode(b'{"note": "\\ud800"}', dict[str, Any], limit=100, large_numbers=True)
