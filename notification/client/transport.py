"""HTTP requests with retries, and the mapping of failures to exceptions."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import aiohttp
from yarl import URL

from notification.client.errors import NotUnderstood, Refused, ServerFailed, Unavailable
from notification.client.retrying import TEMPORARY, Retries, RetryBudget, parse_retry_after

_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)
_MAX_HEADER_BYTES: Final = 64 * 1024
"""Maximum size of a header of a reply. `Next-Range` can list a hundred groups."""

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class Reply(NamedTuple):
    """A complete reply with status 2xx, or 304 to a conditional request."""

    headers: Mapping[str, str]
    body: bytes
    status: int = 200


class Transport:
    """Requests to one service. `timeout`: seconds for one attempt.

    Without `session`, the transport opens and closes a session of its own. Raises `ValueError` if `base_url` is not an
    HTTP URL.
    """

    def __init__(self, base_url: str, session: aiohttp.ClientSession | None, retries: Retries, timeout: float) -> None:
        url = URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError(f"{base_url!r} is not the URL of a service; expected http://host:port")
        self._base = base_url.rstrip("/")
        self._session = session
        self._owned: aiohttp.ClientSession | None = None
        self.retries = retries
        self.timeout = timeout

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request, with retries. Raises what `once` raises, but `Unavailable` only after the retry deadline."""
        budget = RetryBudget(self.retries)
        while True:
            try:
                return await self.once(method, path, **options)
            except Unavailable as error:
                if not await budget.pause(error.retry_after):
                    raise

    async def once(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request once. Raises `Refused`, `ServerFailed`, `Unavailable` and `NotUnderstood`."""
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        async with self.opened(method, path, timeout=timeout, **options) as response:
            return Reply(response.headers, await response.read(), response.status)

    @asynccontextmanager
    async def opened(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and yield the reply if its status is a success. The caller reads the body.

        Raises what `once` raises, also from within the caller's block.
        """
        try:
            async with self._http().request(
                method,
                URL(self._base + path, encoded=True),
                allow_redirects=False,
                max_field_size=_MAX_HEADER_BYTES,
                **options,
            ) as response:
                if response.status not in range(200, 300) and not _is_unchanged(response):
                    raise _failure(response.status, response.headers, await response.read())
                yield response
        except aiohttp.ClientSSLError as error:
            raise NotUnderstood(f"the certificate of {self._base} is not trusted: {error}") from error
        except _LOST as error:
            raise Unavailable(f"no reply from {self._base}: {error or type(error).__name__}") from error
        except aiohttp.ClientError as error:
            raise NotUnderstood(f"the reply of {self._base} is not valid HTTP: {error}") from error

    async def close(self) -> None:
        """Close the session, unless the caller supplied it."""
        if self._owned is not None:
            await self._owned.close()
            self._owned = None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is not None:
            return self._session
        if self._owned is None:
            self._owned = aiohttp.ClientSession()
        return self._owned


def _is_unchanged(response: aiohttp.ClientResponse) -> bool:
    return response.status == HTTPStatus.NOT_MODIFIED and "If-None-Match" in response.request_info.headers


def _failure(status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    message, reasons = _problem(status, body)
    if status in TEMPORARY:
        return Unavailable(f"{message} ({status})", parse_retry_after(headers.get("Retry-After")))
    if status >= 500:
        return ServerFailed(status, message)
    if status >= 400:
        return Refused(status, message, reasons)
    return NotUnderstood(f"unexpected status {status}")


def _problem(status: int, body: bytes) -> tuple[str, list[str]]:
    """Return the message and the reasons of an error. Any body is tolerated, because a gateway may have sent it."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    fields = parsed if isinstance(parsed, dict) else {}
    message, reasons = fields.get("message"), fields.get("errors")
    return (
        message if isinstance(message, str) else _PHRASES.get(status, "Refused"),
        [str(reason) for reason in reasons] if isinstance(reasons, list) else [],
    )
