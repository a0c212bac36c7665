"""Which status code an exception is told with: the one place that says so."""

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
UNAVAILABLE: Final = "The store gave no answer in time; the outcome is unknown"
UNREAD: Final = "The store gave no answer in time; nothing was changed"
NOT_STORED: Final = "The store can't be written now; nothing was stored"
FULL: Final = "The store is full; nothing was stored"
WHAT_IS_KNOWN: Final[dict[type[StoreUnavailable], str]] = {
    StoreUnavailable: UNAVAILABLE,
    Unread: UNREAD,
    NotStored: NOT_STORED,
    StoreFull: FULL,
}
"""The message of a 503. Only the first one leaves it open whether the request was served."""
BROKEN: Final = "Internal server error"


def status_of(error: NotificationError) -> tuple[int, str, Sequence[str]]:
    """The status code, the message and the reasons; of what is not the caller's doing, no more than needed."""
    if isinstance(error, Refused):
        return STATUS[type(error)], error.message, error.reasons
    if isinstance(error, StoreUnavailable):
        return 503, WHAT_IS_KNOWN[type(error)], ()
    return 500, BROKEN, ()
