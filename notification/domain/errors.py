"""The service's exceptions: one tree, mapped to status codes in one place (`notification/http/status.py`).

NotificationError
├── ConfigError             config.yml can't be used; lists every reason
├── WorkerFailed            one of several processes does not come up
├── Defect                  an exception that nobody expected, as one of several results; its trace is in the log
├── Refused                 the request can't be served as it is; nothing was stored
│   ├── Malformed           it can't be read: JSON, path, query
│   │   └── Broken          its body breaks off
│   ├── Invalid             it can be read, and says what is not allowed
│   ├── KeyReused           its idempotency key was used for another body
│   ├── Forbidden           a page of this origin may not ask
│   ├── NotFound            what it names is not there
│   ├── TooSlow             its body does not arrive in time
│   └── UnsupportedMedia    its body is not JSON
└── StoreError
    ├── StoreUnavailable    no answer in time, or none that another node would better; a write's outcome is unknown
    │   ├── Unread          a read got no answer: nothing was changed
    │   └── NotStored       a write was refused before it was sent, or undone: nothing of it was kept
    │       └── StoreFull   there was no room for it
    ├── StoreMisconfigured  the store answers, and would lose data as it is set up
    ├── CorruptValue        a stored value does not decode; it was left as it is
    └── Unstorable          a value that would not decode again, such as one that is too large; it was not stored
"""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import ClassVar


class NotificationError(Exception):
    """The root: whatever this service raises on purpose."""


class ConfigError(NotificationError):
    """The configuration can't be used. `reasons`: one line each, the key's path and its line first."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class WorkerFailed(NotificationError):
    """A worker ended before it served. Its log says why."""


class Defect(NotificationError):
    """An exception that nobody expected, where it is one of several results. The log has its trace."""


class Refused(NotificationError):
    """A request that can't be served. `reasons`: everything that is wrong with it, not just the first."""

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.reasons = tuple(reasons)


class Malformed(Refused):
    """The request can't be read."""


class Broken(Malformed):
    """The body breaks off, or is not encoded as it says: what follows on the connection can't be read either."""


class Invalid(Refused):
    """The request was read, and holds values that are not allowed."""


class KeyReused(Refused):
    """The idempotency key was used before, for something else."""


class Forbidden(Refused):
    """A browser asks on behalf of a page that may not."""


class NotFound(Refused):
    """What the request names is not there."""


class TooSlow(Refused):
    """The body of the request does not arrive in time."""


class UnsupportedMedia(Refused):
    """The body is of another kind than JSON."""


class StoreError(NotificationError):
    """The store could not do what was asked."""


class Outcome(Enum):
    """What is known of a request that the store did not answer."""

    UNKNOWN = "unknown"
    UNCHANGED = "unchanged"


class StoreUnavailable(StoreError):
    """No usable answer in time. `outcome`: whether a write may have been made nevertheless; it may be repeated."""

    outcome: ClassVar[Outcome] = Outcome.UNKNOWN


class Unread(StoreUnavailable):
    """A read got no usable answer in time. Nothing was changed."""

    outcome = Outcome.UNCHANGED


class NotStored(StoreUnavailable):
    """A write was refused before anything was sent, or was undone. Nothing of it was kept."""

    outcome = Outcome.UNCHANGED


class StoreFull(NotStored):
    """There was no room for a write. Nothing of it was kept."""


@contextmanager
def after_a_write() -> Iterator[None]:
    """What fails in this block follows a write of the same request, so the outcome of the whole is unknown."""
    try:
        yield
    except StoreUnavailable as error:
        raise uncertain(error) from error


def uncertain(error: StoreUnavailable) -> StoreUnavailable:
    """The same failure where a write preceded it."""
    return StoreUnavailable(str(error)) if error.outcome is Outcome.UNCHANGED else error


class StoreMisconfigured(StoreError):
    """The store would lose concurrent writes as it is set up; says which property, and how to mend it."""


class CorruptValue(StoreError):
    """A stored value does not decode. It stays where it is, for `notification inspect`."""

    def __init__(self, bucket: str, key: str, reason: str = "does not decode") -> None:
        super().__init__(
            f"the value of {bucket}/{key} {reason}; see: notification inspect CONFIG {bucket} {shlex.quote(key)}"
        )
        self.bucket = bucket
        self.key = key


class Unstorable(StoreError):
    """A value would not decode again, so it was not stored. What clients send is bounded so that this can't happen."""
