"""Parameters, headers and errors that several operations share."""

from typing import Annotated, Any, Final

from pydantic import Field

from notification.domain.drafts import Category, CursorName, Username
from notification.http.errors import RETRY_AFTER
from notification.http.openapi.operation import Body, Parameter, Reply
from notification.http.openapi.shapes import Count, Error, Link, Text
from notification.http.serializers import NO_CACHE
from notification.http.status import BROKEN, UNAVAILABLE

RequestId = Annotated[str, Field(min_length=1, max_length=128)]
Seconds = Annotated[float, Field(ge=0)]
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$", max_length=255)]

EXAMPLE_ID: Final = "3MT3Gq3IKWCYLNGErowwOWFenpe"
OLDER_ID: Final = "3MT3GpwZSdHKWhvVQdrsWKShw7x"

HEADERS: Final[dict[str, tuple[str, Any, object]]] = {
    "X-Request-Id": ("The request's `X-Request-Id`, or a random one. Every log line contains it.", RequestId, "a1"),
    "X-Runtime": ("Seconds until the reply started.", Seconds, 0.001234),
    "X-Content-Type-Options": ("Prevents browsers from guessing the content type.", Text, "nosniff"),
    "X-Frame-Options": ("Prevents browsers from showing the reply in a frame.", Text, "deny"),
    "Server": ("The name of the service, without its version.", Text, "notification"),
    "Cache-Control": ("Whether caches may store the reply.", Text, NO_CACHE),
    "Location": ("The URL of the feed.", Link, "http://localhost:8080/v1/notifications/test"),
    "Idempotent-Replayed": ("`true` if an earlier request with the same key created the notification.", Text, "true"),
    "Accept-Ranges": ("The unit of ranges.", Text, "id"),
    "Content-Range": ("The first and last id of the page.", Text, f"id {EXAMPLE_ID}..{OLDER_ID}"),
    "Next-Range": ("The next page's `Range`, if there is one.", Text, f"id ]{OLDER_ID}..; max=20; top={EXAMPLE_ID}"),
    "Last-Modified": ("The time of the newest notification.", Text, "Sun, 22 Nov 2026 15:17:17 GMT"),
    "ETag": ("Changes exactly if the body does. Send it as `If-None-Match`.", Text, '"0f3b5c7a9d1e"'),
    "X-Unseen-Count": ("Number of unseen notifications.", Count, 2),
    "X-Total-Count": ("Number of all notifications.", Count, 14),
    "Vary": ("The request headers on which the reply depends.", Text, "Accept"),
    "Retry-After": ("Seconds to wait before a retry.", Count, int(RETRY_AFTER)),
    "Allow": ("The methods of this path.", Text, "GET,HEAD"),
    "Content-Security-Policy": ("What the page may load: only files of this service.", Text, "default-src 'none'"),
}  # fmt: skip
"""Description, type and example of each header."""
ALWAYS: Final = ("X-Request-Id", "X-Runtime", "X-Content-Type-Options", "X-Frame-Options", "Server")
"""Headers that every reply has."""


def error(code: int, description: str, message: str, *reasons: str, headers: tuple[str, ...] = ()) -> Reply:
    """Make the reply of an error. All errors have the same shape."""
    example = {"code": code, "message": message, **({"errors": list(reasons)} if reasons else {})}
    return Reply(description, (Body(type=Error, example=example),), ("Cache-Control", *headers))


ERRORS: Final = {
    400: error(
        400, "The request is malformed. Nothing has changed.", "Invalid path", "username: must be 1 to 128 characters …"
    ),
    404: error(404, "The resource does not exist.", "Notifications not found"),
    405: error(405, "The path does not support this method.", "Method Not Allowed", headers=("Allow",)),
    408: error(408, "The body did not arrive within `server.body_timeout`.", "The body did not arrive in time"),
    413: error(413, "The body is larger than `server.max_body`.", "Request Entity Too Large"),
    415: error(415, "The `Content-Type` of the body is not JSON.", "The body must be application/json"),
    422: error(
        422,
        "The body contains invalid values. `errors` lists every reason. Nothing has changed.",
        "Invalid fields",
        "category: String should have at least 3 characters",
        "message: Field required",
    ),
    500: error(500, "A defect of the service, or a corrupt stored value. No stored value was overwritten.", BROKEN),
    503: error(
        503,
        "The store did not reply in time, is full, or can't be written to now. After the message "
        f"`{UNAVAILABLE}`, the request may have taken effect. After any other message, nothing has changed.",
        UNAVAILABLE,
        headers=("Retry-After",),
    ),
}
READ: Final = (400, 500, 503)
WRITE: Final = (400, 408, 413, 415, 422, 500, 503)
"""Errors of operations that take a body."""

USERNAME: Final = Parameter(
    name="username", where="path", type=Username, example="test", description="The user whose feed it is."
)
CATEGORY: Final = Parameter(
    name="category", where="path", type=Category, example="like", description="The category of the notifications."
)
CURSOR: Final = Parameter(
    name="cursor", where="path", type=CursorName, example="mail",
    description="The name of the cursor. `notifications` separates unseen from seen; other names are up to you.",
)  # fmt: skip
IDEMPOTENCY_KEY: Final = Parameter(
    name="Idempotency-Key", where="header", type=Key, example="order-17-shipped",
    description="A request with the same key returns the first result; with another body, it is an error.",
)  # fmt: skip
IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match", where="header", example='"0f3b5c7a9d1e"',
    description="The `ETag` of an earlier reply. If nothing has changed since, the reply is 304.",
)  # fmt: skip
