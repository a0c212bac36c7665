"""Logs structlog's events and the records of other libraries, as JSON lines or as text for a terminal."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TextIO

import orjson
import structlog

from notification.runtime.config import Logging
from notification.runtime.log_lines import DELAY, LogLines

OF_ONE_REQUEST: Final = frozenset(("request_id", "username"))
"""Fields that are ignored when two warnings are compared, because one cause can affect many requests."""
NAMES: Final = frozenset(("username", "key"))
"""Fields whose values users choose."""
INTERVAL: Final = 1.0
"""Minimum seconds between two equal warnings."""
MAX_CAUSES: Final = 1000
"""Maximum number of different warnings that `WarningLimit` remembers."""
LEVELS: Final = {"exception": "error", "warn": "warning", "fatal": "critical"}
"""The levels of those methods whose name differs from their level."""


class _Last(NamedTuple):
    at: float
    suppressed: int


class WarningLimit:
    """A structlog processor that passes only one of several equal warnings per `INTERVAL`.

    When such a warning passes again, its field `suppressed` is the number of warnings that were dropped in between. The
    newest `MAX_CAUSES` different warnings are remembered. `clock`: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[object, _Last] = {}

    def __call__(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event, or raise `structlog.DropEvent` to suppress it."""
        if method != "warning":
            return event
        cause = frozenset((name, str(value)) for name, value in event.items() if name not in OF_ONE_REQUEST)
        last, now = self._last.pop(cause, None), self._clock()
        if last is not None and now - last.at < INTERVAL:
            self._last[cause] = last._replace(suppressed=last.suppressed + 1)
            raise structlog.DropEvent
        self._last[cause] = _Last(now, 0)
        if len(self._last) > MAX_CAUSES:
            del self._last[next(iter(self._last))]
        return {**event, "suppressed": last.suppressed} if last is not None and last.suppressed else event


def escape_names(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: escape the characters in names that terminals or editors act on, such as U+202E."""
    for field in NAMES:
        name = event.get(field)
        if isinstance(name, str) and not name.isprintable():
            event[field] = ascii(name)[1:-1]
    return event


class _Stamp:
    """A structlog processor that adds the time, the level and the fields `always`."""

    def __init__(self, always: Mapping[str, object]) -> None:
        self._always = always

    def __call__(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event with these fields."""
        event.update(self._always)
        event["level"] = LEVELS.get(method, method)
        seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
        event["timestamp"] = f"{_second(seconds)}.{microseconds:06}Z"
        return event


@lru_cache(1)  # many lines have the same second
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def render_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """Structlog processor: encode the event in ASCII, so that a terminal does not act on its characters."""
    try:
        line = orjson.dumps(event, default=repr).decode()
    except TypeError:  # for example an integer of more than 64 bits
        line = ""
    return line if line and line.isascii() else json.dumps(event, default=repr)


def _make_logger(level: int, processors: Iterable[Any]) -> Any:
    """Return a logger class whose method `info` calls `processors` directly.

    Nearly all lines have the level `info` and no exception. structlog takes as long to call its processors as the
    processors themselves take.
    """
    filtering: Any = structlog.make_filtering_bound_logger(level)
    if level > logging.INFO:
        return filtering
    steps = tuple(processors)

    class Logger(filtering):  # type: ignore[misc]
        def info(self, event: str, *args: object, **fields: object) -> None:
            if args or "exc_info" in fields or "stack_info" in fields:
                super().info(event, *args, **fields)
                return
            line: Any = {**self._context, **fields, "event": event}
            for step in steps:
                line = step(None, "info", line)
            self._logger.info(line)

    return Logger


class _Records(logging.Handler):
    """Writes the records of other libraries to this log."""

    def __init__(self, lines: LogLines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record. If it is a warning or an error, write it at once."""
        write = self._lines.write_now if record.levelno >= logging.WARNING else self._lines.write
        write(self.format(record))

    def flush(self) -> None:
        """Write the waiting lines."""
        self._lines.flush()


def set_up_logging(settings: Logging, stream: TextIO = sys.stderr, **always: object) -> None:
    """Log to `stream` with these settings. Every line has the fields `always`. Call this only once per process."""
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Any] = [structlog.contextvars.merge_contextvars, escape_names, _Stamp(always)]
    last = render_json if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    endings: list[Any] = [structlog.processors.format_exc_info, last] if as_json else [last]
    lines = LogLines(stream, DELAY if as_json else 0.0)
    structlog.configure(
        processors=[shared[0], WarningLimit(), *shared[1:], *endings],
        wrapper_class=_make_logger(level, [*shared, last]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *endings]
    )
    handler = _Records(lines)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
