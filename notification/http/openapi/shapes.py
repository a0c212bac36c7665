"""The shapes of replies. Nothing but what they say may be in a reply; the tests hold the service to it."""

from typing import Annotated, Any, Final, NotRequired

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict  # the one of Python 3.11 lacks what pydantic needs

from notification.domain.drafts import Category, Message

CLOSED: Final = with_config(ConfigDict(extra="forbid"))
"""Decorator of a reply's type: a field that the type does not list is an error."""

Id = Annotated[str, Field(pattern="^[0-9A-Za-z]{27}$", description="A KSUID: later ones are greater.")]
Moment = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        description="UTC with milliseconds.",
        json_schema_extra={"format": "date-time"},
    ),
]
Count = Annotated[int, Field(ge=0)]
Link = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Text = Annotated[str, Field()]
Anything = Annotated[Any, WithJsonSchema({})]


@CLOSED
class CreatedNotification(TypedDict):
    """A new notification. `properties` is there only where there are any."""

    id: Id
    category: Category
    message: Message
    created_at: Moment
    properties: NotRequired[dict[str, str]]


@CLOSED
class ListedNotification(TypedDict):
    """A notification."""

    id: Id
    category: Category
    message: Message
    created_at: Moment
    unseen: Annotated[bool, Field(description="Whether it is newer than what the user has seen.")]
    properties: dict[str, str]


@CLOSED
class Item(ListedNotification):
    """A notification, and those rolled up under it, newest first; the field is there only where there are any."""

    notifications: NotRequired[Annotated[list[ListedNotification], Field(min_length=1)]]


@CLOSED
class Counts(TypedDict):
    """How much there is, in notifications and in groups of them."""

    unseen: Count
    total: Count
    groups: Count
    unseen_groups: Count


@CLOSED
class CreatedFor(TypedDict):
    """A user for whom a notification was made."""

    username: Anything
    id: Id


@CLOSED
class FailedFor(TypedDict):
    """A user for whom none was made, or for whom that is not known (503)."""

    username: Anything
    code: int
    message: str


@CLOSED
class FanOut(TypedDict):
    """What became of each user's notification, in the order given."""

    created: Count
    failed: Count
    results: list[CreatedFor | FailedFor]


@CLOSED
class Cursor(TypedDict):
    """A cursor: the id that its user has come to."""

    key: str
    value: Id


@CLOSED
class Rule(TypedDict):
    """How a category is rolled up; what is absent does not limit."""

    max_size: NotRequired[Annotated[int, Field(ge=1)]]
    max_duration: NotRequired[Annotated[str, Field(pattern="^[0-9]+ (nano|micro|milli)?(second|minute|hour|day)s?$")]]
    match_on: NotRequired[Annotated[str, Field(min_length=1)]]


@CLOSED
class Error(TypedDict):
    """An error. `errors` has every reason, where there are reasons to tell."""

    code: Annotated[int, Field(description="The status code.")]
    message: str
    errors: NotRequired[Annotated[list[str], Field(min_length=1)]]


@CLOSED
class GraphQLError(TypedDict):
    """An error of GraphQL's, at a field or of the whole document."""

    message: str
    locations: NotRequired[list[dict[str, int]]]
    path: NotRequired[list[str | int]]
    extensions: Annotated[dict[str, Any], Field(description="`code`, and `errors` with the reasons.")]


@CLOSED
class Answer(TypedDict):
    """What GraphQL answers."""

    data: dict[str, Any] | None
    errors: NotRequired[Annotated[list[GraphQLError], Field(min_length=1)]]


Items = list[Item]
Rules = dict[str, Rule]
