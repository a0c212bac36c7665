"""Exceptions as GraphQL errors: a code and REST's reasons in `extensions`, and nothing of what is inside.

`MALFORMED`, `INVALID`, `NOT_FOUND`, `TOO_COMPLEX`: nothing was done. `UNAVAILABLE`: the message says what is known.
`INTERNAL`: a defect, or a stored value that does not decode.
"""

from typing import Any, Final

import structlog
from graphql import GraphQLError
from strawberry.extensions import MaskErrors

from notification.domain.errors import NotificationError
from notification.http.status import BROKEN, status_of

CODES: Final = {400: "MALFORMED", 404: "NOT_FOUND", 422: "INVALID", 503: "UNAVAILABLE", 500: "INTERNAL"}
"""By the status code that REST answers the same with."""

log = structlog.get_logger()


class Failures(MaskErrors):
    """Puts every error of a result into words for clients, and into the log what operators need."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as it is answered."""
        message, extensions = _told(error)
        return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def _told(error: GraphQLError) -> tuple[str, dict[str, Any]]:
    cause = _cause(error)
    if cause is None:
        return error.message, {"code": CODES[400], **(error.extensions or {})}
    known = isinstance(cause, NotificationError)
    status, message, reasons = status_of(cause) if isinstance(cause, NotificationError) else (500, BROKEN, ())
    if status == 503:
        log.warning("store unavailable", reason=str(cause))
    elif status == 500:
        log.error("request failed" if known else "defect", reason=str(cause), exc_info=cause)
    return message, {"code": CODES[status], **({"errors": list(reasons)} if reasons else {})}


def _cause(error: GraphQLError) -> BaseException | None:
    """What a field raised; `None` where GraphQL itself found fault with the document or its variables."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
