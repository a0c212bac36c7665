"""The types of the schema. Their names are those of the Java service's schema."""

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
    """A notification and the ones rolled up under it."""

    id: strawberry.ID
    category: str
    message: str
    unseen: bool = strawberry.field(description="Whether the user has not seen it yet.")
    created_at: str = strawberry.field(description="UTC with milliseconds, such as 2015-07-26T16:06:10.970Z.")
    properties: Map
    notifications: list["Notification"] = strawberry.field(description="Those rolled up under this one, newest first.")


@strawberry.type
class Rule:
    """How notifications of a category are rolled up. A null field sets no limit."""

    max_size: int | None = strawberry.field(description="Maximum number of notifications nested under the newest one.")
    max_duration: str | None = strawberry.field(description='Maximum age difference to it, such as "12 hours".')
    match_on: str | None = strawberry.field(description="The property whose value all notifications of a group share.")


@strawberry.type
class RuleCategory:
    """A category and its rule."""

    category: str
    rule: Rule


@strawberry.input
class NotificationInput:
    """A notification to create."""

    category: str = strawberry.field(description="3 to 20 characters.")
    message: str = strawberry.field(description="1 to 255 characters.")
    properties: Map | None = strawberry.field(default=None, description="At most 32 properties and 4 KiB in total.")


@strawberry.input
class RuleInput:
    """A rule. At least one field is required."""

    max_size: int | None = strawberry.field(default=None, description="At least 1.")
    max_duration: str | None = strawberry.field(default=None, description='An integer and a unit, such as "12 hours".')
    match_on: str | None = strawberry.field(
        default=None, description="The name of a property, at most 255 bytes. An empty text means no property."
    )


@strawberry.type
class Counts:
    """The number of notifications, and of the groups that they form."""

    unseen: int
    total: int
    groups: int
    unseen_groups: int


@strawberry.enum(description="The kind of a feed's event. RESET: events were lost; read the feed again.")
class EventKind(Enum):
    """The kind of a feed's event."""

    NOTIFICATION = "notification"
    REMOVED = "removed"
    CLEARED = "cleared"
    SEEN = "seen"
    COUNTS = "counts"
    RESET = "reset"


@strawberry.type
class FeedEvent:
    """An event of a feed. The field that belongs to its kind is set; the others are null."""

    kind: EventKind
    notification: Notification | None = None
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Ids of the removed notifications.")
    seen: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the newest notification that the user has seen."
    )
    counts: Counts | None = None
    replayed: bool = strawberry.field(
        default=False, description="Whether a client that resumes from `since` may have received this event before."
    )


ALL: Final = (Notification, Rule, RuleCategory, NotificationInput, RuleInput, Counts, FeedEvent)


def of_event(event: Event) -> FeedEvent:
    """Convert an event."""
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
    """Convert an item of a timeline."""
    nested = [of_notification(one, item.unseen) for one in item.nested]
    return of_notification(item.head, item.unseen, nested)


def of_notification(
    notification: model.Notification, unseen: bool, nested: list[Notification] | None = None
) -> Notification:
    """Convert a notification."""
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
    """Convert a category's rule."""
    duration = None if rule.max_duration is None else str(rule.max_duration)
    return RuleCategory(
        category=category, rule=Rule(max_size=rule.max_size, max_duration=duration, match_on=rule.match_on)
    )
