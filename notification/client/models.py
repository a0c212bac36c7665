"""Replies and events of the service as frozen values. Unknown fields are ignored, so that the service can add more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from notification.client.errors import NotUnderstood

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification. `notifications`: the ones rolled up under it, newest first. `created_at` is in UTC."""

    id: str
    category: str
    message: str
    created_at: datetime
    unseen: bool = True
    properties: Mapping[str, str] = field(default_factory=dict)
    notifications: tuple["Notification", ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed, newest first.

    `next`: the argument of `NotificationClient.page` for the next page; `None` on the last page. `unseen_count` and
    `total_count`: counts of the whole feed; `None` if the service does not report them. `etag`: identifies this version
    of the page.
    """

    items: Sequence[Notification]
    next: str | None = None
    unseen_count: int | None = None
    total_count: int | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of notifications in a feed, and of the groups into which they are rolled up."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor of a user. `value`: the id of the newest notification that the user has seen."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How a category is rolled up. `None` sets no limit.

    `max_size`: maximum number of notifications under the head of a group. `max_duration`: maximum time between the head
    and a notification under it, such as "12 hours". `match_on`: the property whose value must be equal within a group.
    """

    max_size: int | None = None
    max_duration: str | None = None
    match_on: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a fan-out for one user: the `id` of the notification, or `code` and `message` of the failure."""

    username: str
    id: str | None = None
    code: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class FanOut:
    """The outcome of a fan-out: the numbers of successes and failures, and a result per user in the order given."""

    created: int
    failed: int
    results: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A notification arrived."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class Removed:
    """The notifications with these ids were removed."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cleared:
    """All notifications were removed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The user's cursor moved."""

    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts changed to these."""

    counts: Counts


@dataclass(frozen=True, slots=True)
class Reset:
    """The stream may have missed events, so the caller should list the feed again."""


Event = Arrived | Removed | Cleared | Seen | Counted | Reset


def parse(type_: type[T], body: bytes | str) -> T:
    """Decode and validate JSON. Raises `NotUnderstood`."""
    hashable: Any = type_
    try:
        value: T = _adapter(hashable).validate_json(body, strict=True)
    except ValidationError as error:
        raise NotUnderstood(f"the service never sends such a reply: {_first_reason(error)}") from error
    return value


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
