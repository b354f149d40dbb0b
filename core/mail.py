"""Mail: one message to one address; the hub sends it where the operator has set SMTP_URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain-text message."""

    to: str
    subject: str
    text: str
    sender_name: str = ""  # whom it is from, beside the operator's address


SendMail = Callable[[Mail], Awaitable[None]]  # Unavailable if it cannot be sent now
