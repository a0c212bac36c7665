"""Types of replies. Tests check that a reply contains no fields besides these."""

from typing import Annotated, Any, Final, NotRequired

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict  # pydantic rejects typing.TypedDict before Python 3.12

from notification.domain.drafts import Category, Message

CLOSED: Final = with_config(ConfigDict(extra="forbid"))
"""Decorator of a reply's type: a field that the type does not list is an error."""

Id = Annotated[str, Field(pattern="^[0-9A-Za-z]{27}$", description="A KSUID. A newer notification has a greater id.")]
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
    """A new notification. `properties` is absent if there are none."""

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
    unseen: Annotated[bool, Field(description="Whether the user has not seen it yet.")]
    properties: dict[str, str]


@CLOSED
class Item(ListedNotification):
    """A notification. `notifications` lists those rolled up under it, newest first; it is absent if there are none."""

    notifications: NotRequired[Annotated[list[ListedNotification], Field(min_length=1)]]


@CLOSED
class Counts(TypedDict):
    """The number of notifications, and of the groups that they form."""

    unseen: Count
    total: Count
    groups: Count
    unseen_groups: Count


@CLOSED
class CreatedFor(TypedDict):
    """A user for whom the notification was created."""

    username: Anything
    id: Id


@CLOSED
class FailedFor(TypedDict):
    """A user for whom the creation failed, or, with code 503, may have failed."""

    username: Anything
    code: int
    message: str


@CLOSED
class FanOut(TypedDict):
    """The outcome for each user, in the order of the request."""

    created: Count
    failed: Count
    results: list[CreatedFor | FailedFor]


@CLOSED
class Cursor(TypedDict):
    """A cursor. `value` is the newest id that the user has seen."""

    key: str
    value: Id


@CLOSED
class Rule(TypedDict):
    """How notifications of a category are rolled up. An absent field sets no limit."""

    max_size: NotRequired[Annotated[int, Field(ge=1)]]
    max_duration: NotRequired[Annotated[str, Field(pattern="^[0-9]+ (nano|micro|milli)?(second|minute|hour|day)s?$")]]
    match_on: NotRequired[Annotated[str, Field(min_length=1)]]


@CLOSED
class Error(TypedDict):
    """An error. `errors` lists every reason, and is absent if there are none."""

    code: Annotated[int, Field(description="The status code.")]
    message: str
    errors: NotRequired[Annotated[list[str], Field(min_length=1)]]


@CLOSED
class GraphQLError(TypedDict):
    """A GraphQL error of a field or of the whole document."""

    message: str
    locations: NotRequired[list[dict[str, int]]]
    path: NotRequired[list[str | int]]
    extensions: Annotated[dict[str, Any], Field(description="Contains `code`, and `errors` if there are reasons.")]


@CLOSED
class GraphQLResult(TypedDict):
    """The result of a GraphQL document."""

    data: dict[str, Any] | None
    errors: NotRequired[Annotated[list[GraphQLError], Field(min_length=1)]]


Items = list[Item]
Rules = dict[str, Rule]
