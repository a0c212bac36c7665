"""The schema: each field checks what it was sent, makes one call and renders."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from inspect import getdoc
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError
from pydantic import AfterValidator, BaseModel, Field
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from notification.domain.drafts import Draft, check, check_ids, check_names, check_rule, check_username
from notification.domain.errors import NotFound
from notification.domain.ranges import MAX_LIMIT, Range
from notification.http.graphql import types
from notification.http.graphql.failures import Failures
from notification.http.graphql.limits import Limits
from notification.http.graphql.pace import Pacer
from notification.http.graphql.scalars import MAP, Map
from notification.services.inbox import Inbox
from notification.services.listener import Silence
from notification.services.live import Hub
from notification.services.rules import RulesService
from siblings.ksuid import is_id


@dataclass(frozen=True, slots=True)
class Context:
    """The use cases that fields call. `is_socket`: subscriptions can be answered."""

    inbox: Inbox
    ruleset: RulesService
    hub: Hub
    pacer: Pacer
    is_socket: bool
    foreign: bool = False
    """Whether a page of another site asks, which moves no cursor."""


_AN_HOUR: Final = 3600.0

Info = strawberry.Info[Context, None]


def _an_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id")
    return text


class _Window(BaseModel):
    first: Annotated[int, Field(ge=1)] | None = None
    after: Annotated[str, AfterValidator(_an_id)] | None = None

    @property
    def range(self) -> Range:
        """The part of the timeline that is asked for: all of it where nothing is said."""
        limit = MAX_LIMIT if self.first is None else min(self.first, MAX_LIMIT)
        return Range(start=self.after, includes_start=self.after is None, max=limit)


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    async def notifications(
        self,
        info: Info,
        username: str,
        first: Annotated[int | None, strawberry.argument(description="At most so many; all where absent.")] = None,
        after: Annotated[strawberry.ID | None, strawberry.argument(description="Those older than this id.")] = None,
        peek: Annotated[bool, strawberry.argument(description="Leave the user's cursor where it is.")] = False,
    ) -> list[types.Notification] | None:
        """A user's notifications, newest first. Where the newest is among them, they are seen from then on."""
        check_username(username)
        wanted = check(_Window, {"first": first, "after": after}).range
        page = await info.context.inbox.page(username, wanted, mark_seen=not (peek or info.context.foreign))
        await info.context.pacer.turn()  # what follows may hold the loop for long: one feed in each turn
        return [types.of_item(item) for item in page.items]

    @strawberry.field
    async def rules(self, info: Info) -> list[types.RuleCategory] | None:
        """The rules in force."""
        rules = await info.context.ruleset.current()
        if not rules:
            raise NotFound("Rules not found")
        return [types.of_rule(category, rule) for category, rule in rules.items()]


@strawberry.type
class Mutation:
    """What can be changed. Once it is answered, the store has it."""

    @strawberry.mutation
    async def create_notification(
        self, info: Info, username: str, notification: types.NotificationInput
    ) -> types.Notification | None:
        """Put a notification on top of a feed."""
        check_username(username)
        created = await info.context.inbox.create(username, check(Draft, vars(notification)))
        return types.of_notification(created.notification, unseen=True)

    @strawberry.mutation
    async def remove_notification(self, info: Info, username: str, ids: list[strawberry.ID]) -> bool:
        """Remove these notifications, known or not."""
        check_username(username)
        await info.context.inbox.remove(username, check_ids([str(id_) for id_ in ids]))
        return True

    @strawberry.mutation
    async def remove_all_notifications(self, info: Info, username: str) -> bool:
        """Remove all notifications of a user, and the cursor."""
        check_username(username)
        await info.context.inbox.remove_all(username)
        return True

    @strawberry.mutation
    async def create_rule(self, info: Info, category: str, rule: types.RuleInput) -> bool:
        """Make or replace a category's rule."""
        check_names(category=category)
        await info.context.ruleset.put(category, check_rule(vars(rule)))
        return True

    @strawberry.mutation
    async def remove_rule(self, info: Info, category: str) -> bool:
        """Remove a category's rule."""
        check_names(category=category)
        await info.context.ruleset.remove(category)
        return True

    @strawberry.mutation
    async def remove_all_rules(self, info: Info) -> bool:
        """Remove all rules."""
        await info.context.ruleset.remove_all()
        return True


@strawberry.type
class Subscription:
    """What can be watched."""

    @strawberry.subscription
    async def feed(
        self,
        info: Info,
        username: str,
        since: Annotated[strawberry.ID | None, strawberry.argument(description="The newest id you know of.")] = None,
    ) -> AsyncGenerator[types.FeedEvent, None]:
        """What happens to a user's feed: first what was missed since, then each change with the counts after it."""
        check_username(username)
        known = check(_Window, {"after": since}).after
        async with info.context.hub.listen(username, known) as listener:
            while (event := await listener.next_within(_AN_HOUR)) is not Silence.ENDED:
                if event is not Silence.STILL:
                    await info.context.pacer.turn()
                    yield types.of_event(event)


class Schema(strawberry.Schema):
    """Leaves the logging of errors to `Failures`, which knows which of them are worth it."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing here."""


_SCALARS: Final[dict[Any, Any]] = {Map: MAP}


def make_schema() -> Schema:
    """The schema, described in the words of the docstrings."""
    for type_ in (Query, Mutation, Subscription, *types.ALL):
        _describe(type_)
    return Schema(
        Query, Mutation, Subscription, config=StrawberryConfig(scalar_map=_SCALARS), extensions=[Limits, Failures]
    )


def _describe(type_: Any) -> None:
    definition = type_.__strawberry_definition__
    definition.description = getdoc(type_)
    for field in definition.fields:
        if field.base_resolver:
            field.description = getdoc(field.base_resolver.wrapped_func)
