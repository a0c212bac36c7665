"""What the schema answers and takes. The names are those of the service this one follows."""

from enum import Enum
from typing import Final

import strawberry

from notification.domain import model
from notification.domain.events import Arrived, Cleared, Counted, Event, Removed, Reset, Seen
from notification.domain.timeline import Item
from notification.http.graphql.scalars import Map
from notification.http.serializers import timestamp


@strawberry.type
class Notification:
    """A notification, and those rolled up under it."""

    id: strawberry.ID
    category: str
    message: str
    unseen: bool = strawberry.field(description="Whether it is newer than what the user has seen.")
    created_at: str = strawberry.field(description="UTC with milliseconds: 2015-07-26T16:06:10.970Z")
    properties: Map
    notifications: list["Notification"] = strawberry.field(description="Rolled up under this one, newest first.")


@strawberry.type
class Rule:
    """How notifications of a category are rolled up; what is null does not limit."""

    max_size: int | None = strawberry.field(description="How many may be nested under the newest one.")
    max_duration: str | None = strawberry.field(description='How much older than it they may be: "12 hours"')
    match_on: str | None = strawberry.field(description="The property whose value they must share.")


@strawberry.type
class RuleCategory:
    """A category and its rule."""

    category: str
    rule: Rule


@strawberry.input
class NotificationInput:
    """A notification to put on top of a feed."""

    category: str = strawberry.field(description="3 to 20 characters.")
    message: str = strawberry.field(description="1 to 255 characters.")
    properties: Map | None = strawberry.field(default=None, description="At most 32, and 4 KiB in all.")


@strawberry.input
class RuleInput:
    """A rule; one of its fields has to be given."""

    max_size: int | None = strawberry.field(default=None, description="At least 1.")
    max_duration: str | None = strawberry.field(default=None, description='A whole number and a unit: "12 hours"')
    match_on: str | None = strawberry.field(
        default=None, description="A property's name, at most 255 bytes; an empty one means none."
    )


@strawberry.type
class Counts:
    """How many notifications there are, and how many items they make, nested ones not counted."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


@strawberry.enum(description="What happened to a feed. RESET: read it anew, as what was missed can't be told.")
class EventKind(Enum):
    """What happened to a feed."""

    NOTIFICATION = "notification"
    REMOVED = "removed"
    CLEARED = "cleared"
    SEEN = "seen"
    COUNTS = "counts"
    RESET = "reset"


@strawberry.type
class FeedEvent:
    """Something that happened to a feed; of the other fields that one is there which tells more of it."""

    kind: EventKind
    notification: Notification | None = None
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="The notifications that are gone.")
    seen: strawberry.ID | None = strawberry.field(default=None, description="The newest notification seen.")
    counts: Counts | None = None
    replayed: bool = strawberry.field(
        default=False, description="Whether a client that knows what was there at `since` may have received it already."
    )


ALL: Final = (Notification, Rule, RuleCategory, NotificationInput, RuleInput, Counts, FeedEvent)


def of_event(event: Event) -> FeedEvent:
    """Something that happened to a feed."""
    match event:
        case Arrived(one, unseen, replayed):
            return FeedEvent(kind=EventKind.NOTIFICATION, notification=of_notification(one, unseen), replayed=replayed)
        case Removed(ids, replayed):
            return FeedEvent(kind=EventKind.REMOVED, ids=[strawberry.ID(id_) for id_ in ids], replayed=replayed)
        case Seen(value, replayed):
            return FeedEvent(kind=EventKind.SEEN, seen=strawberry.ID(value), replayed=replayed)
        case Counted(counts):
            return FeedEvent(kind=EventKind.COUNTS, counts=Counts(**counts._asdict()))
        case Cleared():
            return FeedEvent(kind=EventKind.CLEARED)
        case Reset():
            return FeedEvent(kind=EventKind.RESET)


def of_item(item: Item) -> Notification:
    """A line of a timeline."""
    nested = [of_notification(one, item.unseen) for one in item.nested]
    return of_notification(item.head, item.unseen, nested)


def of_notification(
    notification: model.Notification, unseen: bool, nested: list[Notification] | None = None
) -> Notification:
    """One notification."""
    return Notification(
        id=strawberry.ID(notification.id),
        category=notification.category,
        message=notification.message,
        unseen=unseen,
        created_at=timestamp(notification.created_at),
        properties=Map(notification.properties),
        notifications=nested or [],
    )


def of_rule(category: str, rule: model.Rule) -> RuleCategory:
    """A category's rule."""
    duration = None if rule.max_duration is None else str(rule.max_duration)
    return RuleCategory(
        category=category, rule=Rule(max_size=rule.max_size, max_duration=duration, match_on=rule.match_on)
    )
