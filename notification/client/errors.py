"""The exceptions of the client.

NotificationClientError
├── Refused          4xx: the request is invalid; nothing was changed
├── ServerFailed     500: a defect of the service, or a stored value that can't be decoded; nothing was overwritten
├── Unavailable      no reply within the retry deadline; a change may have been made, unless the text rules it out
└── NotUnderstood    the service never sends such a reply; the address is wrong or the version incompatible
"""

from collections.abc import Sequence


class NotificationClientError(Exception):
    """The root of the client's exceptions."""


class Refused(NotificationClientError):
    """The service refused the request.

    `status`: the HTTP status. `message`: the service's message. `reasons`: all validation errors, if the service lists
    them.
    """

    def __init__(self, status: int, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(f"{message} ({status})" + "".join(f"; {reason}" for reason in reasons))
        self.status = status
        self.message = message
        self.reasons = tuple(reasons)


class ServerFailed(NotificationClientError):
    """The service failed with `status`. A retry would fail, too."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} ({status})")
        self.status = status


class Unavailable(NotificationClientError):
    """No usable reply arrived in time; a later attempt might succeed.

    `retry_after`: seconds to wait before that attempt, if the service names them.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotUnderstood(NotificationClientError):
    """The reply is not one that the service sends."""
