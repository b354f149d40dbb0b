"""Logs: one line an event on stderr, for people or for machines; never a key or a token."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from core.redact import without_secrets

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from hub.settings import Settings


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
