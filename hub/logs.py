"""Logs: one line an event on stderr, for people or for machines; never a key or a token."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from hub.settings import Settings

HIDDEN = "•••"
# The net below everyone's care: what looks like a secret leaves no trace, wherever it came from.
SECRETS = tuple(
    re.compile(pattern, re.IGNORECASE if pattern.startswith("(?#any case)") else 0)
    for pattern in (
        r"(?P<keep>\b(?:wgk|vst)_)[0-9A-Za-z]{8,}",
        r"(?P<keep>\b[a-z]{2,6}_)[0-9A-Za-z]{28,}",  # vendors' keys; our ids are shorter
        # Session tokens, tickets, secrets, hashes: long, and no word of any language.
        r"\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{32,}\b",
        r"\beyJ[\w-]+\.[\w-]+\.[\w-]*",  # signed tokens
        r"(?#any case)(?P<keep>\b(?:bearer|basic) )[\w.~+/=-]{6,}",
        # name=…, name: "…", 'name': '…' in addresses, headers and reprs
        r"(?#any case)(?P<keep>(?:authorization|cookie|password|passwd|secret|token|ticket|"
        r"api_?key|consumer_key|hmac|signature|user_hash)(?:\\*[\"'])?(?:=|: ?)(?:\\*[\"'])?)"
        r"(?!Bearer|Basic)[^\s&\"',;}\\]+",
        r"(?P<keep>://[^\s:/@]*:)[^\s/@]+(?=@)",  # the password in a database's address
        r"(?P<keep>\bDETAIL: ).*",  # PostgreSQL repeats the values of a row
    )
)


def configure_logs(settings: Settings) -> None:
    """Send our own events and the libraries' records the same way, in the same form."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    machines = settings.log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # the request's id
            structlog.stdlib.add_logger_name,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_for_machines() if machines else _for_people()),
            _without_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Logger,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ToUs()], level=max(level, logging.WARNING), force=True)


def _for_machines() -> tuple[Any, ...]:
    return structlog.processors.format_exc_info, structlog.processors.JSONRenderer()


def _for_people() -> tuple[Any, ...]:
    return (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default one shows the local variables, and with them whatever they hold.
            exception_formatter=structlog.dev.plain_traceback,
        ),
    )


def without_secrets(line: str) -> str:
    """The line with everything that looks like a secret hidden."""
    for pattern in SECRETS:
        line = pattern.sub(lambda found: (found.groupdict().get("keep") or "") + HIDDEN, line)
    return line


def _without_secrets(_: WrappedLogger, __: str, line: EventDict | str) -> str:
    return without_secrets(str(line))


class _Logger(structlog.PrintLogger):
    """Writes to stderr, under a name."""

    def __init__(self, name: str = "hub") -> None:
        super().__init__(sys.stderr)
        self.name = name

    def msg(self, message: str) -> None:
        """Write a line; a disk too full for it must not fail what was being logged."""
        with suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = err = error = critical = exception = failure = fatal = msg


class _ToUs(logging.Handler):
    """What libraries log, as if we had."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(
            record.levelno, record.getMessage(), exc_info=record.exc_info
        )
