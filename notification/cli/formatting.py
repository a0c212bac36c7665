"""What commands print: lines for people, and JSON for programs. No IO.

Control characters in users' texts are escaped, because a terminal would interpret them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from notification.cli.terminal import Paint
from notification.client import (
    Arrived,
    Cleared,
    Counted,
    Counts,
    Event,
    FanOut,
    Notification,
    Page,
    Removed,
    Reset,
    Rule,
    Seen,
)

UNSEEN: Final = "*"


def as_json(value: object) -> str:
    """Return `value` as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def notification_fields(notification: Notification) -> dict[str, Any]:
    """Return a notification with the fields of the HTTP interface."""
    created_at = notification.created_at
    fields = {
        "id": notification.id,
        "category": notification.category,
        "message": notification.message,
        "created_at": f"{created_at:%Y-%m-%dT%H:%M:%S}.{created_at.microsecond // 1000:03}Z",
        "unseen": notification.unseen,
        "properties": dict(notification.properties),
    }
    nested = [notification_fields(member) for member in notification.notifications]
    return {**fields, "notifications": nested} if nested else fields


def counts_fields(counts: Counts) -> dict[str, Any]:
    """Return counts with the fields of the HTTP interface."""
    return {
        "unseen": counts.unseen,
        "total": counts.total,
        "groups": counts.groups,
        "unseen_groups": counts.unseen_groups,
    }


def rule_fields(rule: Rule) -> dict[str, Any]:
    """Return a rule with the fields of the HTTP interface, without the fields that are not set."""
    fields = {"max_size": rule.max_size, "max_duration": rule.max_duration, "match_on": rule.match_on}
    return {name: value for name, value in fields.items() if value is not None}


def fan_out_fields(outcome: FanOut) -> dict[str, Any]:
    """Return the outcome of a fan-out with the fields of the HTTP interface."""
    fields = ("username", "id", "code", "message")
    results = [{name: getattr(result, name) for name in fields} for result in outcome.results]
    shown = [{name: value for name, value in result.items() if value is not None} for result in results]
    return {"created": outcome.created, "failed": outcome.failed, "results": shown}


def event_fields(event: Event) -> dict[str, Any]:
    """Return an event's name and its data."""
    match event:
        case Arrived(notification):
            return {"event": "notification", "notification": notification_fields(notification)}
        case Removed(ids):
            return {"event": "removed", "ids": list(ids)}
        case Seen(cursor):
            return {"event": "seen", "cursor": {"key": cursor.key, "value": cursor.value}}
        case Counted(counts):
            return {"event": "counts", "counts": counts_fields(counts)}
        case Cleared() | Reset():
            return {"event": type(event).__name__.lower()}


def notification_lines(notification: Notification, paint: Paint, indent: str = "") -> list[str]:
    """Return a line for a notification, and an indented line for each notification in its group."""
    mark = paint(UNSEEN, "green") if notification.unseen else " "
    message = printable(notification.message)
    parts = [
        f"{indent}{mark} {paint(notification.id, 'dim')}",
        moment(notification.created_at),
        paint(f"{printable(notification.category):<8}", "cyan"),
        paint(message, "bold") if notification.unseen else message,
        paint(properties(notification.properties), "dim") if notification.properties else "",
    ]
    lines = ["  ".join(part for part in parts if part)]
    for member in notification.notifications:
        lines += notification_lines(member, paint, indent + "  ")
    return lines


def counts_line(counts: Counts) -> str:
    """Return counts as a phrase."""
    return f"{counts.unseen} unseen of {counts.total}, in {counts.unseen_groups} unseen of {counts.groups} groups"


def list_summary(username: str, items: Sequence[Notification], page: Page) -> str:
    """Return a sentence with the number of notifications shown, including those in groups, and the totals of `page`.

    `page`: the first page. Without totals, the sentence has only the number shown.
    """
    shown = sum(1 + len(item.notifications) for item in items)
    if page.total_count is None or page.unseen_count is None:
        return f"{shown} shown." if shown else f"{printable(username)} has no notifications."
    return f"{shown} of {page.total_count} shown; {page.unseen_count} unseen."


def event_lines(event: Event, paint: Paint) -> list[str]:
    """Return the lines for an event."""
    match event:
        case Arrived(notification):
            return notification_lines(notification, paint)
        case Removed(ids):
            return [f"- removed {' '.join(map(printable, ids))}"]
        case Cleared():
            return ["- removed all"]
        case Seen(cursor):
            return [f"- seen up to {printable(cursor.value)}"]
        case Counted(counts):
            return [paint(f"- {counts_line(counts)}", "dim")]
        case Reset():
            return [paint("- events may have been missed: list again", "yellow")]


def properties(pairs: Mapping[str, str]) -> str:
    """Return properties as `post=42 by=ada`."""
    return " ".join(f"{printable(name)}={printable(value)}" for name, value in pairs.items())


def moment(time: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{time:%Y-%m-%d %H:%M:%S}Z"


def printable(text: str) -> str:
    """Return `text` with its control characters escaped."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return rows as lines with aligned columns."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
