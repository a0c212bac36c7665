"""`NotificationClient`: every request of the service's REST interface as a method."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import aiohttp

from notification.client import paths
from notification.client.errors import Refused
from notification.client.models import Counts, Cursor, Event, FanOut, Notification, Page, Rule, parse
from notification.client.retrying import Retries, RetryBudget
from notification.client.streaming import follow
from notification.client.transport import Reply, Transport

MAX_USERNAMES: Final = 1000
"""Maximum number of users in one request."""
MAX_IDS: Final = 250
"""Maximum number of ids in one removal. They take 7 KB of the request line, and many proxies allow only 8 KB."""

_ABSENT: Final = re.compile(r"\w+ not found").fullmatch
_SEEN: Final = "notifications"

Property = str | int | float | bool


class NotificationClient:
    """A client of the service at `base_url`, such as "http://127.0.0.1:8080".

    Use it as a context manager, or call `close`. `session`: an aiohttp session to use; the client leaves it open.
    `retries`: how long and how often to retry. `timeout`: seconds for one attempt.

    Every request raises `Refused` if the service refuses it; `Unavailable` if there is no reply within the retry
    deadline (the outcome of a change is then unknown); `ServerFailed` if the service fails; and `NotUnderstood` if
    the service never sends such a reply. The constructor raises `ValueError` if `base_url` is not an HTTP URL.
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
        """Close all connections. A later request opens new ones."""
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
        """Create a notification at the top of a user's feed. Retries never create a duplicate.

        Calls with the same `idempotency_key` create only one notification. By default, each call has a key of its own.
        """
        key = idempotency_key or str(uuid4())
        body = _draft(category, message, properties)
        return parse(Notification, (await self._post(paths.feed(username), body, key)).body)

    async def create_many(
        self,
        usernames: Iterable[str],
        category: str,
        message: str,
        properties: Mapping[str, Property] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> FanOut:
        """Create a notification in the feed of each user. The result reports success or failure for each user.

        The client sends one request per thousand users. The key of each request is derived from `idempotency_key` and
        the number of the request.
        """
        names = [*usernames]
        key, body = idempotency_key or str(uuid4()), _draft(category, message, properties)
        batches = [names[start : start + MAX_USERNAMES] for start in range(0, len(names), MAX_USERNAMES)]
        outcomes = [
            await self._fan_out({"usernames": batch, **body}, f"{key}-{number}" if number else key)
            for number, batch in enumerate(batches)
        ]
        return FanOut(
            sum(outcome.created for outcome in outcomes),
            sum(outcome.failed for outcome in outcomes),
            tuple(result for outcome in outcomes for result in outcome.results),
        )

    async def list(self, username: str, *, peek: bool = False, page_size: int = 100) -> AsyncIterator[Notification]:
        """Yield all notifications of a user, newest first, each exactly once even if the feed changes meanwhile.

        `page_size`: items per request. The first page marks all notifications as seen, unless `peek` is true.
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
        next: str | None = None,  # noqa: A002  # the name of the field in `Page`
        *,
        limit: int = 20,
        peek: bool = False,
        known: Page | None = None,
    ) -> Page:
        """Return one page of a user's notifications, newest first.

        `next`: the `next` of the previous page; `None`: the first page. A page with the newest notification marks all
        notifications as seen, unless `peek` is true. `limit`: items on the first page, 1 to 1000. `known`: an earlier
        version of this page; the service sends the items again only if they have changed. A user without notifications
        has an empty page.
        """
        headers = {"Range": next or f"id; max={limit}"}
        if known is not None and known.etag is not None:
            headers["If-None-Match"] = known.etag
        params = {"peek": "true"} if peek else {}
        reply = await self._unless_absent("GET", paths.feed(username), headers=headers, params=params)
        if reply is None:
            return Page(())
        if known is not None and reply.status == HTTPStatus.NOT_MODIFIED:
            items = known.items
        else:
            items = parse(tuple[Notification, ...], reply.body)
        unseen, total = (_number(reply.headers.get(name)) for name in ("X-Unseen-Count", "X-Total-Count"))
        return Page(items, reply.headers.get("Next-Range"), unseen, total, reply.headers.get("ETag"))

    async def count(self, username: str) -> Counts:
        """Return the exact counts of a user's feed. This marks nothing as seen."""
        reply = await self._unless_absent("GET", f"{paths.feed(username)}/count")
        return parse(Counts, reply.body) if reply else Counts(0, 0, 0, 0)

    async def remove(self, username: str, *ids: str) -> None:
        """Remove the notifications with these ids. It is not an error if a notification does not exist."""
        for start in range(0, len(ids), MAX_IDS):
            params = {"ids": ",".join(ids[start : start + MAX_IDS])}
            await self._transport.request("DELETE", paths.feed(username), params=params)

    async def remove_all(self, username: str) -> None:
        """Remove all notifications and all cursors of a user."""
        await self._transport.request("DELETE", paths.feed(username))

    async def rules(self) -> Mapping[str, Rule]:
        """Return the rules in force, by category."""
        reply = await self._transport.request("GET", "/v1/rules")
        return parse(dict[str, Rule], reply.body)

    async def put_rule(self, category: str, rule: Rule) -> None:
        """Create or replace the rule of a category."""
        fields = {"max_size": rule.max_size, "max_duration": rule.max_duration, "match_on": rule.match_on}
        body = {name: value for name, value in fields.items() if value is not None}
        await self._transport.request("PUT", paths.rule(category), json=body)

    async def remove_rule(self, category: str) -> None:
        """Remove the rule of a category. It is not an error if the category has no rule."""
        await self._transport.request("DELETE", paths.rule(category))

    async def remove_rules(self) -> None:
        """Remove all rules."""
        await self._transport.request("DELETE", "/v1/rules")

    async def cursor(self, username: str, name: str = _SEEN) -> Cursor | None:
        """Return a cursor of a user; `None` if the user has seen nothing yet."""
        reply = await self._unless_absent("GET", paths.cursor(username, name))
        return parse(Cursor, reply.body) if reply else None

    async def move_cursor(self, username: str, value: str, name: str = _SEEN) -> None:
        """Mark all notifications up to the id `value` as seen. An older id changes nothing."""
        await self._transport.request("PUT", paths.cursor(username, name), json={"value": value})

    async def remove_cursor(self, username: str, name: str) -> None:
        """Delete a named cursor. The standard cursor is removed only together with all notifications."""
        await self._transport.request("DELETE", paths.cursor(username, name))

    def stream(self, username: str, *, since: str | None = None) -> AsyncGenerator[Event, None]:
        """Yield the events of a user's feed without end, over new connections if one is lost.

        `since`: start after the notification with this id; `None`: start now. Raises `Unavailable` if no connection
        succeeds within the retry deadline. To close the connection, close the generator, for example with
        `contextlib.aclosing`.
        """
        return follow(self._transport, f"{paths.feed(username)}/stream", since or "")

    async def ping(self) -> None:
        """Return once the service replies. The service does not check its store for this reply."""
        await self._transport.request("GET", "/ping")

    async def version(self) -> str:
        """Return the version of the service."""
        return (await self._transport.request("GET", "/version")).body.decode(errors="replace")

    async def _post(self, path: str, body: Mapping[str, Any], key: str) -> Reply:
        return await self._transport.request("POST", path, json=body, headers={"Idempotency-Key": key})

    async def _fan_out(self, body: Mapping[str, Any], key: str) -> FanOut:
        """Send one batch. Retry it with the same key while the store is unavailable for any of the users."""
        budget = RetryBudget(self._transport.retries)
        while True:
            outcome = parse(FanOut, (await self._post("/v1/notifications", body, key)).body)
            if all(result.code != 503 for result in outcome.results) or not await budget.pause():
                return outcome

    async def _unless_absent(self, method: str, path: str, **options: Any) -> Reply | None:
        """Send a request. Returns `None` if the object is absent. Raises `Refused` if the path itself is unknown."""
        try:
            return await self._transport.request(method, path, **options)
        except Refused as error:
            if error.status == 404 and _ABSENT(error.message):
                return None
            raise


def _draft(category: str, message: str, properties: Mapping[str, Property] | None) -> dict[str, Any]:
    return {"category": category, "message": message, "properties": dict(properties or {})}


def _number(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdigit() else None
