"""Mail: sends messages through the SMTP server that the operator has set."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import structlog

from core.errors import Unavailable
from core.mail import Mail, SendMail

log = structlog.get_logger("hub.mail")

PATIENCE = 10.0  # seconds; whoever asked is waiting
PORTS = {"smtp": 587, "smtps": 465}


def sender(smtp_url: str, sender_address: str) -> SendMail | None:
    """What sends mail through `smtp://user:password@host:port`; None without an address.

    `smtps` is TLS from the start. `smtp` uses STARTTLS where the server offers it, and insists on
    it before a password leaves this machine.
    """
    if not smtp_url:
        return None
    parts = urlsplit(smtp_url)
    user = unquote(parts.username or "")
    guarded = parts.password is not None and parts.hostname not in ("127.0.0.1", "::1", "localhost")
    address = sender_address or (user if "@" in user else f"parley@{parts.hostname}")

    async def send(mail: Mail) -> None:
        import aiosmtplib  # only who sends mail pays for loading it

        try:
            await aiosmtplib.send(
                to_message(mail, address),
                hostname=parts.hostname,
                port=parts.port or PORTS[parts.scheme],
                username=user or None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                start_tls=True if guarded and parts.scheme == "smtp" else None,
                timeout=PATIENCE,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # An SMTP error may repeat the address: of the log it is no business.
            log.error("mail_failed", error=type(error).__name__, host=parts.hostname)
            raise Unavailable("The e-mail could not be sent. Try again in a minute.") from error

    return send


def to_message(mail: Mail, address: str) -> EmailMessage:
    """The message as it is sent; line breaks in its fields cannot add headers."""
    message = EmailMessage()
    message["From"] = formataddr((_one_line(mail.sender_name), address))
    message["To"] = _one_line(mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())
