"""Logging: structlog's events, and everything that other libraries log, as JSON lines or for people."""

import logging
import sys
from typing import Any, TextIO

import structlog

from notification.config import Logging


def set_up_logging(settings: Logging, stream: TextIO = sys.stderr, **always: object) -> None:
    """Log to `stream`, as the configuration says; every line has `always`. Called once, by whoever runs the process."""
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        lambda _logger, _method, event: {**always, **event},
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    endings: list[Any] = [structlog.processors.format_exc_info, last] if as_json else [last]
    structlog.configure(
        processors=[*shared, *endings],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *endings]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
