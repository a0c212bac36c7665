"""Logs are readable text on a terminal, and JSON otherwise."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from notification.runtime.config import Logging
from notification.runtime.logs import MAX_CAUSES, WarningLimit, set_up_logging


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


class Clock:
    """A clock in seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def warned(limit: WarningLimit, method: str = "warning", **fields: object) -> dict[str, object] | None:
    """Return the event if it passes, otherwise `None`."""
    try:
        return dict(limit(None, method, fields))
    except structlog.DropEvent:
        return None


def test_of_equal_warnings_one_passes_a_second_and_the_next_one_counts_the_others() -> None:
    clock = Clock()
    limit = WarningLimit(clock)
    passed = [warned(limit, event="full", request_id=str(number), username="ada") for number in range(1800)]
    assert passed == [{"event": "full", "request_id": "0", "username": "ada"}] + [None] * 1799
    clock.now = 1.0
    assert warned(limit, event="full") == {"event": "full", "suppressed": 1799}
    clock.now = 2.0
    assert warned(limit, event="full") == {"event": "full"}


def test_warnings_of_different_causes_and_other_levels_all_pass() -> None:
    limit = WarningLimit(Clock())
    assert all(warned(limit, event="corrupt value", key=key) for key in ("ada", "bob"))
    assert all(warned(limit, method, event="request") for method in ("info", "info", "error", "error"))


def test_causes_that_are_remembered_are_bounded() -> None:
    limit = WarningLimit(Clock())
    for number in range(MAX_CAUSES + 5):
        warned(limit, event=str(number))
    assert len(limit._last) == MAX_CAUSES


def test_a_thousand_equal_warnings_are_one_line() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(), stream)
    for _ in range(1000):
        structlog.get_logger().warning("store unavailable", reason="the disk is full")
    assert len(stream.getvalue().splitlines()) < 100


def test_a_line_holds_what_json_has_no_type_for_and_only_ascii() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(format="json"), stream, worker=3)
    structlog.get_logger().info("event", big=2**70, text="\u202eé", odd={1, 2} - {2}, lone="\ud800")
    text = stream.getvalue()
    line = json.loads(text)
    assert text.isascii()
    assert (line["big"], line["text"], line["odd"], line["lone"]) == (2**70, "\u202eé", "{1}", "\ud800")
    assert line["worker"] == 3


def test_info_and_other_levels_make_the_same_line() -> None:
    stream = io.StringIO()
    set_up_logging(Logging(format="json"), stream, worker=3)
    log = structlog.get_logger().bind(part="one")
    with structlog.contextvars.bound_contextvars(request_id="5"):
        log.info("event", username="\u202e", number=1)
        log.error("event", username="\u202e", number=1)
        log.info("event", username="\u202e", number=1, exc_info=None)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        assert line.pop("timestamp").endswith("Z")
    assert [line.pop("level") for line in lines] == ["info", "error", "info"]
    expected = {"part": "one", "username": "\\u202e", "number": 1, "event": "event", "request_id": "5", "worker": 3}
    assert lines == [expected, expected, expected]
