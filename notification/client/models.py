"""What the service answers, as frozen values. Fields that it may add later are ignored."""

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
    """One notification; `notifications` are those rolled up under it, newest first. `created_at` is in UTC."""

    id: str
    category: str
    message: str
    created_at: datetime
    unseen: bool = True
    properties: Mapping[str, str] = field(default_factory=dict)
    notifications: tuple["Notification", ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a feed, newest first. `next` is what to ask for to go on, `None` at the end.

    `unseen_count` and `total_count` are of the whole feed, where the service tells them. `etag` is what the service
    knows the page by.
    """

    items: Sequence[Notification]
    next: str | None = None
    unseen_count: int | None = None
    total_count: int | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many notifications a feed has, and how many groups they are rolled up into."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """The newest notification that a user has seen: its id is `value`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How a category is rolled up; what is `None` does not limit. `max_duration` is text such as "12 hours"."""

    max_size: int | None = None
    max_duration: str | None = None
    match_on: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a notification for one of many users: an `id`, or `code` and `message` that say why not."""

    username: str
    id: str | None = None
    code: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class FanOut:
    """What became of a notification for many users, in the order they were given."""

    created: int
    failed: int
    results: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A notification came."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class Removed:
    """These were removed."""

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
    """The counts after a change."""

    counts: Counts


@dataclass(frozen=True, slots=True)
class Reset:
    """Something may have been missed: list the feed again."""


Event = Arrived | Removed | Cleared | Seen | Counted | Reset


def parse(type_: type[T], body: bytes | str) -> T:
    """A value from JSON. Raises `NotUnderstood`."""
    hashable: Any = type_
    try:
        value: T = _adapter(hashable).validate_json(body, strict=True)
    except ValidationError as error:
        raise NotUnderstood(f"a reply that is not the service's: {_first_reason(error)}") from error
    return value


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
