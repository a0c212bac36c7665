"""Map exceptions to GraphQL errors, with a code and the reasons of REST in `extensions`.

A mutation that fails with `MALFORMED`, `INVALID` or `TOO_COMPLEX` has changed nothing. The message of `UNAVAILABLE`
says whether the change may have been stored. `INTERNAL` means that the service has a defect or that a stored value is
corrupt; its message is the same for both, and contains no details.
"""

from typing import Any, Final

import structlog
from graphql import GraphQLError
from strawberry.extensions import MaskErrors

from notification.domain.errors import NotificationError
from notification.http.status import BROKEN, status_of

CODES: Final = {400: "MALFORMED", 422: "INVALID", 503: "UNAVAILABLE", 500: "INTERNAL"}
"""Code by the status code with which REST reports the same error."""

log = structlog.get_logger()


class ErrorMapper(MaskErrors):
    """Replace each error of a result with an error for the client. Log defects and failures of the store."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """Return the error for the client."""
        message, extensions = _message_and_extensions(error)
        return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def _message_and_extensions(error: GraphQLError) -> tuple[str, dict[str, Any]]:
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
    """Return the exception that a field raised, or `None` if GraphQL rejected the document or its variables."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
