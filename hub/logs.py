"""Logs: one line an event on stderr, for people or for machines; never a key or a token."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from hub.settings import Settings

SECRET = re.compile(r"\b(wgk|vst)_[0-9A-Za-z]{8,}")  # the net below everyone's care


def configure_logs(settings: Settings) -> None:
    """Send our own events and the libraries' records the same way, in the same form."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    machines = settings.log_format == "json"
    structlog.configure(
        processors=[
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
            # The default one, where `rich` is installed, prints the locals: keys and tokens too.
            exception_formatter=structlog.dev.plain_traceback,
        ),
    )


def _without_secrets(_: WrappedLogger, __: str, line: EventDict | str) -> str:
    return SECRET.sub(r"\1_•••", str(line))


class _Logger(structlog.PrintLogger):
    """Writes to stderr, under a name."""

    def __init__(self, name: str = "hub") -> None:
        super().__init__(sys.stderr)
        self.name = name


class _ToUs(logging.Handler):
    """What libraries log, as if we had."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(
            record.levelno, record.getMessage(), exc_info=record.exc_info
        )
