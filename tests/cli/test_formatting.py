"""What events look like, colours, and progress."""

import io
import json
from datetime import UTC, datetime

import pytest

from notification.cli.formatting import as_json, event_fields, event_lines, notification_lines, printable
from notification.cli.terminal import Progress, paint_for
from notification.client import (
    Arrived,
    Cleared,
    Counted,
    Counts,
    Cursor,
    Event,
    Notification,
    Removed,
    Reset,
    Seen,
)

ONE = Notification("7", "like", "hi", datetime(2026, 11, 22, 15, 17, 16, 987_000, tzinfo=UTC))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


PLAIN = paint_for(io.StringIO(), {})


@pytest.mark.parametrize(
    ("event", "line", "fields"),
    [
        (Arrived(ONE), "* 7  2026-11-22 15:17:16Z  like      hi", {"event": "notification", "notification": {
            "id": "7", "category": "like", "message": "hi", "created_at": "2026-11-22T15:17:16.987Z", "unseen": True,
            "properties": {}}}),
        (Removed(("5", "6")), "- removed 5 6", {"event": "removed", "ids": ["5", "6"]}),
        (Cleared(), "- removed all", {"event": "cleared"}),
        (Seen(Cursor("bob-notifications", "7")), "- seen up to 7",
         {"event": "seen", "cursor": {"key": "bob-notifications", "value": "7"}}),
        (Counted(Counts(1, 4, 2, 1)), "- 1 unseen of 4, in 1 unseen of 2 groups",
         {"event": "counts", "counts": {"unseen": 1, "total": 4, "groups": 2, "unseen_groups": 1}}),
        (Reset(), "- events may have been missed: list again", {"event": "reset"}),
    ],
)  # fmt: skip
def test_an_event_is_one_line_for_people_and_one_for_programs(event: Event, line: str, fields: object) -> None:
    assert event_lines(event, PLAIN) == [line]
    assert json.loads(as_json(event_fields(event))) == fields


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_are_for_terminals_whose_user_wants_them(
    stream: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    (line,) = notification_lines(ONE, paint_for(stream, environment))
    assert ("\x1b[" in line) is coloured


def test_what_can_be_printed_is_left_as_it_is() -> None:
    assert printable("Grüße, “post” 👍") == "Grüße, “post” 👍"


def test_progress_is_shown_on_a_terminal_and_wiped_at_the_end() -> None:
    terminal = Terminal()
    with Progress("copying", 3, terminal) as progress:
        for _ in range(3):
            progress.step()
    shown = terminal.getvalue().split("\r")
    assert shown[1] == "copying [..............................]   0 %"
    assert shown[3] == "copying [####################..........]  66 %"
    assert shown[-1] == "\x1b[K"


def test_progress_is_drawn_only_where_it_looks_different() -> None:
    terminal = Terminal()
    with Progress("copying", 100_000, terminal) as progress:
        for _ in range(100_000):
            progress.step()
    assert terminal.getvalue().count("\r") < 150


@pytest.mark.parametrize("total", [0, 5])
def test_progress_is_not_shown_where_nobody_looks(total: int) -> None:
    stream = io.StringIO()
    with Progress("copying", total, stream) as progress:
        progress.step()
    assert stream.getvalue() == ""


def test_progress_of_nothing_is_shown_too() -> None:
    terminal = Terminal()
    with Progress("copying", 0, terminal):
        pass
    assert "0 %" in terminal.getvalue()
