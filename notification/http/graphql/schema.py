"""The schema. Each field checks its arguments, makes one call to a service and converts the result."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from inspect import getdoc
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError
from pydantic import AfterValidator, BaseModel, Field
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from notification.domain.content import check_content
from notification.domain.drafts import check, check_names, check_rule, check_username
from notification.domain.errors import NotFound
from notification.domain.ranges import MAX_LIMIT, Range
from notification.http.graphql import types
from notification.http.graphql.errors import ErrorMapper
from notification.http.graphql.limits import Limits
from notification.http.graphql.pacer import Pacer
from notification.http.graphql.scalars import MAP, Map
from notification.http.parameters import parse_ids
from notification.services.inbox import Inbox
from notification.services.live import Hub
from notification.services.rules import RulesService
from siblings.java_id import to_ksuid
from siblings.ksuid import is_id


@dataclass(frozen=True, slots=True)
class Context:
    """The services that fields call. `is_socket`: the request came over a WebSocket, which subscriptions need."""

    inbox: Inbox
    rules: RulesService
    hub: Hub
    pacer: Pacer
    is_socket: bool
    foreign: bool = False
    """Whether a page of another site made the request. Such requests move no cursor."""


Info = strawberry.Info[Context, None]


def _check_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not a KSUID")
    return to_ksuid(text)


class _Window(BaseModel):
    first: Annotated[int, Field(ge=1)] | None = None
    after: Annotated[str, AfterValidator(_check_id)] | None = None

    @property
    def range(self) -> Range:
        """The range to read. Without arguments, it is the whole timeline."""
        limit = MAX_LIMIT if self.first is None else min(self.first, MAX_LIMIT)
        return Range(start=self.after, includes_start=self.after is None, max=limit)


@strawberry.type
class Query:
    """Queries."""

    @strawberry.field
    async def notifications(
        self,
        info: Info,
        username: str,
        first: Annotated[int | None, strawberry.argument(description="Maximum number. Default: all.")] = None,
        after: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those older than this id.")
        ] = None,
        peek: Annotated[bool, strawberry.argument(description="Do not move the user's cursor.")] = False,
    ) -> list[types.Notification] | None:
        """List a user's notifications, newest first. If the newest is among them, the user's cursor moves to it."""
        username = check_username(username)
        wanted = check(_Window, {"first": first, "after": after}).range
        with suppress(NotFound):
            page = await info.context.inbox.page(username, wanted, mark_seen=not (peek or info.context.foreign))
            await info.context.pacer.turn()  # converting a long page blocks the event loop, so do one in each turn
            return [types.of_item(item) for item in page.items]
        return []

    @strawberry.field
    async def rules(self, info: Info) -> list[types.RuleCategory] | None:
        """List the rules in force."""
        rules = await info.context.rules.current()
        return [types.of_rule(category, rule) for category, rule in rules.items()]


@strawberry.type
class Mutation:
    """Mutations. A result means that the store has the change."""

    @strawberry.mutation
    async def create_notification(
        self, info: Info, username: str, notification: types.NotificationInput
    ) -> types.Notification | None:
        """Create a notification."""
        username = check_username(username)
        created = await info.context.inbox.creation.create(username, check_content(vars(notification)))
        return types.of_notification(created.notification, unseen=True)

    @strawberry.mutation
    async def remove_notification(self, info: Info, username: str, ids: list[strawberry.ID]) -> bool:
        """Remove notifications by id. Ids that do not exist are ignored."""
        username = check_username(username)
        await info.context.inbox.remove(username, parse_ids([str(id_) for id_ in ids]))
        return True

    @strawberry.mutation
    async def remove_all_notifications(self, info: Info, username: str) -> bool:
        """Remove all notifications of a user and the cursor."""
        username = check_username(username)
        await info.context.inbox.remove_all(username)
        return True

    @strawberry.mutation
    async def create_rule(self, info: Info, category: str, rule: types.RuleInput) -> bool:
        """Create or replace a category's rule."""
        check_names(category=category)
        await info.context.rules.put(category, check_rule(vars(rule)))
        return True

    @strawberry.mutation
    async def remove_rule(self, info: Info, category: str) -> bool:
        """Remove a category's rule."""
        check_names(category=category)
        await info.context.rules.remove(category)
        return True

    @strawberry.mutation
    async def remove_all_rules(self, info: Info) -> bool:
        """Remove all rules."""
        await info.context.rules.remove_all()
        return True


@strawberry.type
class Subscription:
    """Subscriptions."""

    @strawberry.subscription
    async def feed(
        self,
        info: Info,
        username: str,
        since: Annotated[strawberry.ID | None, strawberry.argument(description="The client's newest id.")] = None,
    ) -> AsyncGenerator[types.FeedEvent, None]:
        """Watch a user's feed: first the events after `since`, then each change, followed by the new counts."""
        username = check_username(username)
        known = check(_Window, {"after": since}).after
        async with info.context.hub.listen(username, known) as listener:
            while (event := await listener.next()) is not None:
                await info.context.pacer.turn()
                yield types.of_event(event)


class Schema(strawberry.Schema):
    """A schema that leaves the logging of errors to `ErrorMapper`, which knows which ones matter to operators."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do nothing."""


_SCALARS: Final[dict[Any, Any]] = {Map: MAP}


def make_schema() -> Schema:
    """Make the schema. The docstrings of its types and resolvers become its descriptions."""
    for type_ in (Query, Mutation, Subscription, *types.ALL):
        _describe(type_)
    return Schema(
        Query, Mutation, Subscription, config=StrawberryConfig(scalar_map=_SCALARS), extensions=[Limits, ErrorMapper]
    )


def _describe(type_: Any) -> None:
    definition = type_.__strawberry_definition__
    definition.description = getdoc(type_)
    for field in definition.fields:
        if field.base_resolver:
            field.description = getdoc(field.base_resolver.wrapped_func)
