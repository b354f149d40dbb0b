"""Signatures: what Shopify's own library signs or refuses, ours accepts or refuses too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors.shopify as package
from connectors.shopify.embedded import is_of
from connectors.shopify.settings import App, is_shop, to_shop
from connectors.shopify.signatures import signed_query
from connectors.shopify.standin.signing import query_hmac
from core.errors import Invalid, Unauthenticated

VECTORS: dict[str, Any] = json.loads(
    (Path(package.__file__).parent / "fixtures" / "signature_vectors.json").read_text()
)
SECRET, NOW = VECTORS["secret"], VECTORS["clock_unix"]


def named(kind: str) -> Any:
    return pytest.mark.parametrize("vector", VECTORS[kind], ids=lambda one: one["name"])


@named("oauth_callback")
@pytest.mark.parametrize("encode", [quote, lambda text, safe: quote(text, safe="=/:")])
@pytest.mark.parametrize("order", [1, -1])
def test_O3_callbacks_are_judged_as_shopifys_library_does(vector, encode, order):
    said = [*vector["query"].items(), ("hmac", vector["hmac"])][::order]
    query = "&".join(f"{name}={encode(value, safe='')}" for name, value in said)
    if vector.get("js_accepts"):
        assert signed_query(query, [SECRET], NOW) == vector["query"]
        assert signed_query(query, ["another", SECRET], NOW) == vector["query"]
    else:
        with pytest.raises(Unauthenticated):
            signed_query(query, [SECRET], NOW)
    for secrets in ([], [""], ["another"]):
        with pytest.raises(Unauthenticated):
            signed_query(query, secrets, NOW)


@named("oauth_callback")
def test_O3_no_changed_callback_passes(vector):
    for name in vector["query"]:
        changed = {**vector["query"], name: vector["query"][name] + "x", "hmac": vector["hmac"]}
        with pytest.raises(Unauthenticated):
            signed_query(urlencode(changed), [SECRET], NOW)


@pytest.mark.parametrize(
    "given",
    ["", "0" * 64, "zz" * 32, "É" * 64, "{good}"[:-1], "{upper}", "{good} ", "{good}{good}"],
    ids=range(8),
)
def test_V1_no_other_form_of_a_signature_passes(given):
    query = dict(VECTORS["oauth_callback"][0]["query"])
    good = query_hmac(query, SECRET)
    query["hmac"] = given.replace("{good}", good).replace("{upper}", good.upper())
    with pytest.raises(Unauthenticated):
        signed_query(urlencode(query), [SECRET], NOW)


@given(st.text(max_size=200))
def test_V1_whatever_comes_is_refused_and_never_an_error(query):
    with pytest.raises(Unauthenticated):
        signed_query(query, [SECRET], NOW)


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=6))
def test_O3_any_signed_values_come_back_as_they_were(values):
    try:
        said = {**values, "timestamp": str(NOW)}
        said.pop("hmac", None)
        query = urlencode({**said, "hmac": query_hmac(said, SECRET)})
    except UnicodeEncodeError:  # half a character
        return
    assert signed_query(query, [SECRET], NOW) == said


# The library's clock is the wall's, and the vectors' tokens are of long ago or far ahead.
@named("session_token")
def test_V5_session_tokens_are_judged_as_shopifys_library_does(vector):
    app = App.model_validate({"client_id": VECTORS["api_key"], "client_secret": SECRET})
    accepted = is_of(vector["token"], app, VECTORS["shop"])
    stricter = vector["payload"]["iss"] != f"{vector['payload']['dest']}/admin"
    assert accepted == (bool(vector["js_decoded"]) and not stricter)
    assert not is_of(vector["token"], app, "another.myshopify.com")


# A shop's host, in one place -------------------------------------------------------------


@given(st.text(max_size=80))
def test_O2_whatever_is_typed_becomes_a_shop_or_an_error(typed):
    try:
        shop = to_shop(typed)
    except Invalid as error:
        assert error.field == "shop"
        return
    assert is_shop(shop)


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("kestrel.myshopify.com", True),
        ("k.myshopify.com", True),
        ("0-9.myshopify.com", True),
        ("a" * 60 + ".myshopify.com", True),
        ("a" * 61 + ".myshopify.com", False),
        ("-k.myshopify.com", False),
        ("k.myshopify.com\n", False),
        ("K.myshopify.com", False),
        ("k.myshopify.com.", False),
        ("k.l.myshopify.com", False),
        ("k.myshopify.company", False),
        ("xmyshopify.com", False),
        (".myshopify.com", False),
        ("k_l.myshopify.com", False),
        ("k.myshopify.com/x", False),
        ("k@l.myshopify.com", False),
        ("k.myshopify.com:443", False),
        ("ｋ.myshopify.com", False),
    ],
    ids=range(18),
)
def test_O2_the_one_pattern(host, good):
    assert is_shop(host) == good
