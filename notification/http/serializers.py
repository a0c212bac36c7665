"""Serialize domain values as JSON, with the field names and formats of the HTTP interface."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from aiohttp import web

from notification.domain.drafts import normalized
from notification.domain.events import Arrived, Cleared, Counted, Event, Removed, Reset, Seen
from notification.domain.model import Notification, Rule
from notification.domain.pages import Page
from notification.domain.timeline import Counts, Item
from notification.http.range_header import format_range
from notification.http.status import status_of
from notification.services.creation import Created
from notification.services.cursors import cursor_key
from notification.services.fanout import Outcome
from siblings import Cursor

JSON: Final = "application/json;charset=UTF-8"
NO_CACHE: Final = "no-cache, no-store, no-transform, must-revalidate"


def encode(body: object) -> bytes:
    """Encode a body as JSON with a final newline, so that a shell's next prompt starts on its own line."""
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Make a JSON reply."""
    return web.Response(body=encode(body), status=status, headers={"Content-Type": JSON, **(headers or {})})


def created(notification: Notification) -> dict[str, Any]:
    """Serialize a new notification for the client that created it."""
    body = {
        "id": notification.id,
        "category": notification.category,
        "message": notification.message,
        "created_at": timestamp(notification.created_at),
    }
    return {**body, "properties": notification.properties} if notification.properties else body


def items(page: Page) -> list[dict[str, Any]]:
    """Serialize the items of a page."""
    return [_item(item) for item in page.items]


def page_headers(page: Page) -> dict[str, str]:
    """Make the headers of a page: counts, its position, and the range of the next page."""
    headers = {
        "Accept-Ranges": "id",
        "Cache-Control": NO_CACHE,
        "X-Unseen-Count": str(page.unseen),
        "X-Total-Count": str(page.total),
    }
    if page.newest is not None:
        moment = datetime.fromtimestamp(page.newest.created_at // 1000, UTC)
        headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    if page.items:
        headers["Content-Range"] = f"id {page.items[0].head.id}..{page.items[-1].head.id}"
    if page.next is not None:
        headers["Next-Range"] = format_range(page.next)
    return headers


def event(happened: Event, username: str) -> tuple[str, dict[str, Any]]:
    """Serialize an event. Returns its name and its data."""
    match happened:
        case Arrived(one, unseen, replayed):
            return "notification", _notification(one, unseen) | _replayed_flag(replayed)
        case Removed(ids, replayed):
            return "removed", {"ids": ids} | _replayed_flag(replayed)
        case Seen(value, replayed):
            return "seen", cursor(Cursor(cursor_key(username), value)) | _replayed_flag(replayed)
        case Counted(counted):
            return "counts", counts(counted)
        case Cleared():
            return "cleared", {}
        case Reset():
            return "reset", {}


def _replayed_flag(replayed: bool) -> dict[str, bool]:
    return {"replayed": True} if replayed else {}


def counts(counted: Counts) -> dict[str, int]:
    """Serialize counts."""
    return counted._asdict()


def cursor(at: Cursor) -> dict[str, str]:
    """Serialize a cursor. `key` is the key under which it is stored."""
    return {"key": at.key, "value": at.value}


def fan_out(usernames: Sequence[object], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Serialize the outcomes of a fan-out, in the order of the usernames. A user listed twice is counted once."""
    results = [_outcome(username, outcome) for username, outcome in zip(usernames, outcomes, strict=True)]
    made = {repr(normalized(username)): "id" in result for username, result in zip(usernames, results, strict=True)}
    created = sum(made.values())
    return {"created": created, "failed": len(made) - created, "results": results}


def rules(by_category: Mapping[str, Rule]) -> dict[str, dict[str, Any]]:
    """Serialize rules by category, without the fields that have no value."""
    return {category: _rule(rule) for category, rule in by_category.items()}


def error(code: int, message: str, reasons: Sequence[str] = ()) -> dict[str, Any]:
    """Make the body of an error."""
    body: dict[str, Any] = {"code": code, "message": message}
    return {**body, "errors": list(reasons)} if reasons else body


def timestamp(milliseconds: int) -> str:
    """Format milliseconds since 1970 as `2015-07-26T16:06:10.970Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03}Z"


@lru_cache(1024)  # notifications of one page often share their second
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _outcome(username: object, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Created):
        return {"username": username, "id": outcome.notification.id}
    code, message, reasons = status_of(outcome)
    return {"username": _echo(username), "code": code, "message": "; ".join(reasons) or message}


def _echo(sent: object) -> object:
    """Encode what a client sent as a username. Returns `None` if orjson can't encode it because it contains a lone
    surrogate, a number beyond 64 bits, or hundreds of nested lists."""
    try:
        return orjson.Fragment(orjson.dumps(sent, default=float))
    except orjson.JSONEncodeError:
        return None


def _item(item: Item) -> dict[str, Any]:
    body = _notification(item.head, item.unseen)
    if item.nested:
        body["notifications"] = [_notification(one, item.unseen) for one in item.nested]
    return body


def _notification(notification: Notification, unseen: bool) -> dict[str, Any]:
    return {
        "id": notification.id,
        "category": notification.category,
        "message": notification.message,
        "created_at": timestamp(notification.created_at),
        "unseen": unseen,
        "properties": notification.properties,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    fields = {
        "max_size": rule.max_size,
        "max_duration": None if rule.max_duration is None else str(rule.max_duration),
        "match_on": rule.match_on,
    }
    return {name: value for name, value in fields.items() if value is not None}
