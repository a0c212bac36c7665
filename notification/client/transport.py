"""One request, asked until it is answered: what goes over the wire, and what failures mean."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import aiohttp
from yarl import URL

from notification.client.errors import NotUnderstood, Refused, ServerFailed, Unavailable
from notification.client.retrying import TEMPORARY, Patience, Retries, parse_retry_after

_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)
_LONGEST_HEADER: Final = 64 * 1024
"""Bytes: a `Next-Range` names up to a hundred groups."""

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class Reply(NamedTuple):
    """A whole reply of status 2xx, or 304 to a request that asked for it."""

    headers: Mapping[str, str]
    body: bytes
    status: int = 200


class Transport:
    """Requests to one service. `timeout`: seconds that one attempt may take.

    Makes a session of its own, and closes it, where none is given. Raises `ValueError` where `base_url` is none.
    """

    def __init__(self, base_url: str, session: aiohttp.ClientSession | None, retries: Retries, timeout: float) -> None:
        url = URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError(f"{base_url!r} is no address of a service: http://host:port is")
        self._base = base_url.rstrip("/")
        self._session = session
        self._owned: aiohttp.ClientSession | None = None
        self.retries = retries
        self.timeout = timeout

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Ask until answered. Raises as `once` does, `Unavailable` only when patience has ended."""
        patience = Patience(self.retries)
        while True:
            try:
                return await self.once(method, path, **options)
            except Unavailable as error:
                if not await patience.pause(error.retry_after):
                    raise

    async def once(self, method: str, path: str, **options: Any) -> Reply:
        """Ask once. Raises `Refused`, `ServerFailed`, `Unavailable` and `NotUnderstood`."""
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        async with self.opened(method, path, timeout=timeout, **options) as response:
            return Reply(response.headers, await response.read(), response.status)

    @asynccontextmanager
    async def opened(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """The reply while it comes in, once its status is known to be a success. Raises as `once`, in the block too."""
        try:
            async with self._http().request(
                method,
                URL(self._base + path, encoded=True),
                allow_redirects=False,
                max_field_size=_LONGEST_HEADER,
                **options,
            ) as response:
                if response.status not in range(200, 300) and not _is_unchanged(response):
                    raise _failure(response.status, response.headers, await response.read())
                yield response
        except aiohttp.ClientSSLError as error:
            raise NotUnderstood(f"no trusted connection: {error}") from error
        except _LOST as error:
            raise Unavailable(f"no answer from {self._base}: {error or type(error).__name__}") from error
        except aiohttp.ClientError as error:
            raise NotUnderstood(f"an answer that is not HTTP: {error}") from error

    async def close(self) -> None:
        """Close what was made here."""
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
    return NotUnderstood(f"status {status}")


def _problem(status: int, body: bytes) -> tuple[str, list[str]]:
    """What the service says of an error; a gateway before it may say anything."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    fields = said if isinstance(said, dict) else {}
    message, reasons = fields.get("message"), fields.get("errors")
    return (
        message if isinstance(message, str) else _PHRASES.get(status, "Refused"),
        [str(reason) for reason in reasons] if isinstance(reasons, list) else [],
    )
