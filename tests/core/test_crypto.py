"""Secrets at rest open only where they were sealed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import CannotOpen, Place, Vault, hash_token

KEY = "k" * 32
HOME = Place("wsp_1", "connections", "token", "con_1")
vault = Vault(KEY)


def test_a_sealed_secret_opens_where_it_was_sealed_and_does_not_show():
    sealed = vault.seal("shpat_grün", HOME)
    assert vault.open(sealed, HOME) == "shpat_grün"
    assert "shpat" not in sealed
    assert sealed != vault.seal("shpat_grün", HOME)  # never the same nonce twice


@pytest.mark.parametrize("part", Place._fields)
def test_D_4_moved_ciphertext_does_not_open(part):
    sealed = vault.seal("secret", HOME)
    with pytest.raises(CannotOpen, match="moved"):
        vault.open(sealed, HOME._replace(**{part: "other"}))


def test_D_4_parts_of_a_place_cannot_be_shifted_into_each_other():
    sealed = vault.seal("secret", Place("ab", "c", "d", "e"))
    with pytest.raises(CannotOpen):
        vault.open(sealed, Place("a", "bc", "d", "e"))


def test_D_4_another_secret_key_does_not_open():
    with pytest.raises(CannotOpen):
        Vault("j" * 32).open(vault.seal("secret", HOME), HOME)


@given(st.text())
def test_D_4_damaged_text_is_refused_and_nothing_else(text):
    for damaged in (text, "v1." + text, vault.seal("secret", HOME)[:-6] + text):
        with pytest.raises(CannotOpen):
            vault.open(damaged, HOME)


def test_keys_of_different_purposes_differ():
    assert len({vault.subkey("a"), vault.subkey("b"), Vault("j" * 32).subkey("a")}) == 3


def test_a_token_is_stored_as_its_hash():
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
