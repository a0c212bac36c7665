"""Map exceptions to status codes. No other module does this."""

from collections.abc import Sequence
from typing import Final

from notification.domain.errors import (
    Broken,
    Forbidden,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    NotificationError,
    NotStored,
    Refused,
    StoreFull,
    StoreUnavailable,
    TooSlow,
    Unread,
    UnsupportedMedia,
)

STATUS: Final[dict[type[Refused], int]] = {
    Malformed: 400,
    Broken: 400,
    Forbidden: 403,
    NotFound: 404,
    TooSlow: 408,
    UnsupportedMedia: 415,
    Invalid: 422,
    KeyReused: 422,
}
UNAVAILABLE: Final = "The store did not reply in time; the outcome is unknown"
UNREAD: Final = "The store did not reply in time; nothing was changed"
NOT_STORED: Final = "The store can't be written to now; nothing was stored"
FULL: Final = "The store is full; nothing was stored"
UNAVAILABLE_MESSAGES: Final[dict[type[StoreUnavailable], str]] = {
    StoreUnavailable: UNAVAILABLE,
    Unread: UNREAD,
    NotStored: NOT_STORED,
    StoreFull: FULL,
}
"""The message of a 503. After `UNAVAILABLE`, the request may have taken effect. After any other message, it has not."""
BROKEN: Final = "Internal server error"


def status_of(error: NotificationError) -> tuple[int, str, Sequence[str]]:
    """Return the status code, the message and the reasons. Errors that the client did not cause carry no reasons."""
    if isinstance(error, Refused):
        return STATUS[type(error)], error.message, error.reasons
    if isinstance(error, StoreUnavailable):
        return 503, UNAVAILABLE_MESSAGES[type(error)], ()
    return 500, BROKEN, ()
