"""Discount codes: made from a discount's id, so that asking twice gives one code."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from core.crypto import Vault

# Capitals and digits that nobody mixes up when reading them out: no 0 and O, no 1 and I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 8  # 40 bits: nobody guesses a code that is good for one order
TRIES = 5  # codes of one discount, in case a shop has one already


def code_of(vault: Vault, workspace_id: str, discount_id: str, attempt: int = 0) -> str:
    """The code of a discount, such as `CHAT-7K2M-9QXD`; another for each attempt."""
    asked = msgspec.json.encode((workspace_id, discount_id, attempt))
    digest = hmac.new(vault.subkey("discount codes"), asked, hashlib.sha256).digest()
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])
    return f"CHAT-{letters[:4]}-{letters[4:]}"
