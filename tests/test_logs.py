"""Logs: JSON where nobody watches, readable on a terminal."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from notification.config import Logging
from notification.logs import set_up_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_events_are_json_lines_where_nobody_watches() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(), stream)
    structlog.get_logger().info("event", number=5)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["number"], line["level"]) == ("event", 5, "info")
    assert line["timestamp"].endswith("Z")


def test_events_are_for_people_on_a_terminal() -> None:
    stream = Terminal()
    set_up_logging(Logging(), stream)
    structlog.get_logger().info("event")
    assert "event" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_what_other_libraries_log_is_json_too() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(), stream)
    logging.getLogger("aiohttp.server").error("theirs")
    assert json.loads(stream.getvalue())["event"] == "theirs"


def test_an_exception_is_in_its_line() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(format="json"), stream)
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        structlog.get_logger().exception("failed")
    assert "ZeroDivisionError" in json.loads(stream.getvalue())["exception"]


def test_lower_levels_are_left_out() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(level="warning"), stream)
    structlog.get_logger().info("event")
    assert stream.getvalue() == ""
