"""What can go wrong between a caller and the service.

NotificationClientError
├── Refused          4xx: the request can't be served as it is; nothing was changed
├── ServerFailed     500: a defect of the service, or a stored value that does not decode; nothing was overwritten
├── Unavailable      no answer until patience ended; a change may have been made, unless the text denies it
└── NotUnderstood    an answer that is not the service's: another address, another version
"""

from collections.abc import Sequence


class NotificationClientError(Exception):
    """The root: whatever the client raises on purpose."""


class Refused(NotificationClientError):
    """The service refused. `status` is HTTP's; `reasons`: everything that is wrong, where it says so."""

    def __init__(self, status: int, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(f"{message} ({status})" + "".join(f"; {reason}" for reason in reasons))
        self.status = status
        self.message = message
        self.reasons = tuple(reasons)


class ServerFailed(NotificationClientError):
    """The service failed. Asking again would not help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} ({status})")
        self.status = status


class Unavailable(NotificationClientError):
    """No answer in time. Asking again later may help; `retry_after`: seconds that the service asked to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotUnderstood(NotificationClientError):
    """What answered does not speak as the service does."""
