"""The service's exceptions: one tree, mapped to status codes in one place (`notification/http/status.py`).

NotificationError
├── ConfigError             config.yml can't be used; lists every reason
├── WorkerFailed            one of several processes does not come up
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
    ├── StoreMisconfigured  the store answers, and would lose data as it is set up
    └── CorruptValue        a stored value does not decode; it was left as it is
"""

from collections.abc import Sequence


class NotificationError(Exception):
    """The root: whatever this service raises on purpose."""


class ConfigError(NotificationError):
    """The configuration can't be used. `reasons`: one line each, the key's path and its line first."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class WorkerFailed(NotificationError):
    """A worker ended before it served. Its log says why."""


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


class StoreUnavailable(StoreError):
    """No usable answer in time. Where it was a write, its outcome is unknown: it may be repeated."""


class StoreMisconfigured(StoreError):
    """The store would lose concurrent writes as it is set up; says which property, and how to mend it."""


class CorruptValue(StoreError):
    """A stored value does not decode. It stays where it is, for `notification inspect`."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(f"the value of {bucket}/{key} does not decode")
        self.bucket = bucket
        self.key = key
