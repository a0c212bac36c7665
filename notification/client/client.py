"""The client: every request of the service's REST interface as a method."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from notification.client.errors import Refused
from notification.client.models import Counts, Cursor, Event, FanOut, Notification, Page, Rule, parse
from notification.client.retrying import Patience, Retries
from notification.client.streaming import follow
from notification.client.transport import Reply, Transport

MAX_USERNAMES: Final = 1000
"""Users that one request may name."""
MAX_IDS: Final = 250
"""Ids removed by one request: 7 KB of its first line. The service takes 64 KB, but proxies often no more than 8."""

_ABSENT: Final = re.compile(r"\w+ not found").fullmatch
_SEEN: Final = "notifications"

Property = str | int | float | bool


class NotificationClient:
    """Talks to the service at `base_url`, such as "http://127.0.0.1:8080".

    Use it as a context manager, or `close()` it. A `session` that is given is used and left open. `timeout`: seconds
    that one attempt may take; `retries`: for how long to ask again where there is no answer, or 503.

    All methods raise `Refused` where the service refuses, `Unavailable` where it gives no answer in time (whether a
    change was made is then unknown), `ServerFailed` and `NotUnderstood`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        session: aiohttp.ClientSession | None = None,
        retries: Retries | None = None,
        timeout: float = 15.0,
    ) -> None:
        self._transport = Transport(base_url, session, retries or Retries(), timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def create(
        self,
        username: str,
        category: str,
        message: str,
        properties: Mapping[str, Property] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Put a notification on top of a user's feed, once, however often it has to be asked.

        Two calls with the same `idempotency_key` make one notification, too; without it every call has its own.
        """
        key = idempotency_key or str(uuid4())
        body = _draft(category, message, properties)
        return parse(Notification, (await self._post(_feed(username), body, key)).body)

    async def create_many(
        self,
        usernames: Iterable[str],
        category: str,
        message: str,
        properties: Mapping[str, Property] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> FanOut:
        """Put a notification on top of each user's feed. What failed for one is in the result, and no error.

        More than a thousand users are several requests; each has a key made from `idempotency_key` and its number.
        """
        names = [*usernames]
        key, body = idempotency_key or str(uuid4()), _draft(category, message, properties)
        parts = [names[start : start + MAX_USERNAMES] for start in range(0, len(names), MAX_USERNAMES)]
        outcomes = [
            await self._fan_out({"usernames": part, **body}, f"{key}-{number}" if number else key)
            for number, part in enumerate(parts)
        ]
        return FanOut(
            sum(outcome.created for outcome in outcomes),
            sum(outcome.failed for outcome in outcomes),
            tuple(result for outcome in outcomes for result in outcome.results),
        )

    async def list(self, username: str, *, peek: bool = False, page_size: int = 100) -> AsyncIterator[Notification]:
        """All of a user's notifications, newest first, page by page, each exactly once while others write.

        The first page marks all as seen, unless `peek`. A user without notifications has none.
        """
        page = await self.page(username, limit=page_size, peek=peek)
        while True:
            for item in page.items:
                yield item
            if page.next is None:
                return
            page = await self.page(username, page.next, peek=peek)

    async def page(
        self,
        username: str,
        next: str | None = None,  # noqa: A002  # it is the field's name
        *,
        limit: int = 20,
        peek: bool = False,
        known: Page | None = None,
    ) -> Page:
        """A page of a user's notifications, newest first: the first one, or what `next` of the page before says.

        A page with the newest notification marks all as seen, unless `peek`. `limit`: items on a first page, 1 to 1000.
        `known`: the same page as it was read before; its items come again where they are as they were, over the wire
        only where they are not.
        """
        headers = {"Range": next or f"id; max={limit}"}
        if known is not None and known.etag is not None:
            headers["If-None-Match"] = known.etag
        params = {"peek": "true"} if peek else {}
        reply = await self._unless_absent("GET", _feed(username), headers=headers, params=params)
        if reply is None:
            return Page(())
        if known is not None and reply.status == HTTPStatus.NOT_MODIFIED:
            items = known.items
        else:
            items = parse(tuple[Notification, ...], reply.body)
        unseen, total = (_number(reply.headers.get(name)) for name in ("X-Unseen-Count", "X-Total-Count"))
        return Page(items, reply.headers.get("Next-Range"), unseen, total, reply.headers.get("ETag"))

    async def count(self, username: str) -> Counts:
        """How many notifications a user has, exactly, without marking any as seen."""
        reply = await self._unless_absent("GET", f"{_feed(username)}/count")
        return parse(Counts, reply.body) if reply else Counts(0, 0, 0, 0)

    async def remove(self, username: str, *ids: str) -> None:
        """Remove these notifications, whether they exist or not."""
        for start in range(0, len(ids), MAX_IDS):
            params = {"ids": ",".join(ids[start : start + MAX_IDS])}
            await self._transport.request("DELETE", _feed(username), params=params)

    async def remove_all(self, username: str) -> None:
        """Remove all of a user's notifications, and the cursor."""
        await self._transport.request("DELETE", _feed(username))

    async def rules(self) -> Mapping[str, Rule]:
        """The rules in force, by category."""
        reply = await self._unless_absent("GET", "/v1/rules")
        return parse(dict[str, Rule], reply.body) if reply else {}

    async def put_rule(self, category: str, rule: Rule) -> None:
        """Make or replace a category's rule."""
        fields = {"max_size": rule.max_size, "max_duration": rule.max_duration, "match_on": rule.match_on}
        body = {name: value for name, value in fields.items() if value is not None}
        await self._transport.request("PUT", _rule(category), json=body)

    async def remove_rule(self, category: str) -> None:
        """Remove a category's rule."""
        await self._transport.request("DELETE", _rule(category))

    async def remove_rules(self) -> None:
        """Remove all rules."""
        await self._transport.request("DELETE", "/v1/rules")

    async def cursor(self, username: str, name: str = _SEEN) -> Cursor | None:
        """How far a user has seen; `None`: nothing yet."""
        reply = await self._unless_absent("GET", _cursor(username, name))
        return parse(Cursor, reply.body) if reply else None

    async def move_cursor(self, username: str, value: str, name: str = _SEEN) -> None:
        """Mark everything up to the id `value` as seen. A cursor never moves back."""
        await self._transport.request("PUT", _cursor(username, name), json={"value": value})

    async def remove_cursor(self, username: str, name: str) -> None:
        """Delete a named cursor. The standard one is removed with all notifications."""
        await self._transport.request("DELETE", _cursor(username, name))

    def stream(self, username: str, *, since: str | None = None) -> AsyncGenerator[Event, None]:
        """What happens in a user's feed, from now on, or after the id `since`; without end, over lost connections.

        Raises `Unavailable` only after there was no connection for as long as `retries` say. Whoever leaves the loop
        should close it, as `contextlib.aclosing` does, or the connection stays open for a while.
        """
        return follow(self._transport, f"{_feed(username)}/stream", since or "")

    async def ping(self) -> None:
        """Return once the service answers; it says nothing of the store."""
        await self._transport.request("GET", "/ping")

    async def version(self) -> str:
        """The service's version."""
        return (await self._transport.request("GET", "/version")).body.decode(errors="replace")

    async def _post(self, path: str, body: Mapping[str, Any], key: str) -> Reply:
        return await self._transport.request("POST", path, json=body, headers={"Idempotency-Key": key})

    async def _fan_out(self, body: Mapping[str, Any], key: str) -> FanOut:
        """Repeated, with the same key, as long as the store gave no answer for some of the users."""
        patience = Patience(self._transport.retries)
        while True:
            outcome = parse(FanOut, (await self._post("/v1/notifications", body, key)).body)
            if all(result.code != 503 for result in outcome.results) or not await patience.pause():
                return outcome

    async def _unless_absent(self, method: str, path: str, **options: Any) -> Reply | None:
        """The reply; `None` where the service says that there is nothing. That it has no such path is an error."""
        try:
            return await self._transport.request(method, path, **options)
        except Refused as error:
            if error.status == 404 and _ABSENT(error.message):
                return None
            raise


def _draft(category: str, message: str, properties: Mapping[str, Property] | None) -> dict[str, Any]:
    return {"category": category, "message": message, "properties": dict(properties or {})}


def _feed(username: str) -> str:
    return f"/v1/notifications/{_quoted(username)}"


def _rule(category: str) -> str:
    return f"/v1/rules/{_quoted(category)}"


def _cursor(username: str, name: str) -> str:
    return f"/v1/cursors/{_quoted(username)}/{_quoted(name)}"


def _quoted(name: str) -> str:
    """A name as one part of a path. What is not even text becomes "?", which the service refuses."""
    return quote(name, safe="", errors="replace")


def _number(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdigit() else None
