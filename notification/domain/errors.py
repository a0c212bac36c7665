"""The service's exceptions: one tree, mapped to status codes in one place (`notification/http/status.py`).

NotificationError
├── ConfigError             the configuration is invalid; lists every reason
├── WorkerFailed            a worker process ended before it began to serve
├── Defect                  an unexpected exception, reported as one of several results; the log has its trace
├── Refused                 the request is not served; nothing was stored
│   ├── Malformed           its body, path, query or a header can't be parsed
│   │   └── Broken          its body is incomplete or wrongly encoded
│   ├── Invalid             it can be parsed, but contains values that are not allowed
│   ├── KeyReused           its idempotency key was used for another body
│   ├── Forbidden           a browser sends it for a page whose origin is not allowed
│   ├── NotFound            the resource does not exist
│   ├── TooSlow             its body does not arrive in time
│   └── UnsupportedMedia    its body is not JSON
└── StoreError
    ├── StoreUnavailable    no usable answer in time; the outcome of a write is unknown
    │   ├── Unread          a read got no answer; nothing was changed
    │   └── NotStored       a write was refused before it was sent, or undone; nothing was kept
    │       └── StoreFull   there was no room for it
    ├── StoreMisconfigured  the store answers, but would lose data with its current settings
    ├── CorruptValue        a stored value can't be decoded; it was left unchanged
    └── Unstorable          a value could not be read back, for example because it is too large; it was not stored
"""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import ClassVar


class NotificationError(Exception):
    """Root of all exceptions that this service raises on purpose."""


class ConfigError(NotificationError):
    """The configuration is invalid. `reasons`: one line each, beginning with the line number and the key's path."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class WorkerFailed(NotificationError):
    """A worker process ended before it began to serve. Its log says why."""


class Defect(NotificationError):
    """An unexpected exception, reported as one of several results. The log has its trace."""


class Refused(NotificationError):
    """The request is not served. `reasons` lists every problem."""

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.reasons = tuple(reasons)


class Malformed(Refused):
    """The request can't be parsed."""


class Broken(Malformed):
    """The body is incomplete or not encoded as declared, so nothing after it on this connection can be read."""


class Invalid(Refused):
    """The request contains values that are not allowed."""


class KeyReused(Refused):
    """The idempotency key was used before, with another body."""


class Forbidden(Refused):
    """A browser sends the request for a page whose origin is not allowed."""


class NotFound(Refused):
    """The requested resource does not exist."""


class TooSlow(Refused):
    """The request body does not arrive in time."""


class UnsupportedMedia(Refused):
    """The request body is not JSON."""


class StoreError(NotificationError):
    """The store could not complete the request."""


class Outcome(Enum):
    """What is known about a write that the store did not acknowledge."""

    UNKNOWN = "unknown"
    UNCHANGED = "unchanged"


class StoreUnavailable(StoreError):
    """The store gave no usable answer in time. `outcome` says whether a write might have taken effect anyway."""

    outcome: ClassVar[Outcome] = Outcome.UNKNOWN


class Unread(StoreUnavailable):
    """A read got no usable answer in time. Nothing was changed."""

    outcome = Outcome.UNCHANGED


class NotStored(StoreUnavailable):
    """A write was refused before it was sent, or undone. Nothing was kept."""

    outcome = Outcome.UNCHANGED


class StoreFull(NotStored):
    """There was no room for a write. Nothing was kept."""


@contextmanager
def after_a_write() -> Iterator[None]:
    """Give every `StoreUnavailable` from this block an unknown outcome.

    Use it if an earlier write of the same request might have taken effect.
    """
    try:
        yield
    except StoreUnavailable as error:
        raise uncertain(error) from error


def uncertain(error: StoreUnavailable) -> StoreUnavailable:
    """Return `error` with an unknown outcome."""
    return StoreUnavailable(str(error)) if error.outcome is Outcome.UNCHANGED else error


class StoreMisconfigured(StoreError):
    """The service must not use this store: with its settings it would lose writes, or its file is not this program's.

    The message says what to change.
    """


class CorruptValue(StoreError):
    """A stored value can't be decoded. It stays as it is, so that `notification inspect` can show it."""

    def __init__(self, bucket: str, key: str, reason: str = "does not decode") -> None:
        super().__init__(
            f"the value of {bucket}/{key} {reason}; see: notification inspect CONFIG {bucket} {shlex.quote(key)}"
        )
        self.bucket = bucket
        self.key = key
        self.reason = reason


class Unstorable(StoreError):
    """A value could not be decoded again, so it was not stored. The limits on what clients send prevent this."""
