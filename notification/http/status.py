"""Which status code an exception is told with: the one place that says so."""

from collections.abc import Sequence
from typing import Final

from notification.errors import (
    Broken,
    Forbidden,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    NotificationError,
    Refused,
    StoreUnavailable,
    TooSlow,
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
BROKEN: Final = "Internal server error"


def status_of(error: NotificationError) -> tuple[int, str, Sequence[str]]:
    """The status code, the message and the reasons; of what is not the caller's doing, no more than needed."""
    if isinstance(error, Refused):
        return STATUS[type(error)], error.message, error.reasons
    return (503, UNAVAILABLE, ()) if isinstance(error, StoreUnavailable) else (500, BROKEN, ())
