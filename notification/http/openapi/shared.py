"""What operations share: headers of replies, errors, parameters."""

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
    "X-Request-Id": ("The caller's own, or a new UUID. It is in every line of the log, too.", RequestId, "a1"),
    "X-Runtime": ("How long it took, in seconds.", Seconds, 0.001234),
    "X-Content-Type-Options": ("Browsers shall not guess.", Text, "nosniff"),
    "X-Frame-Options": ("Browsers shall not frame it.", Text, "deny"),
    "Cache-Control": ("Who may keep it.", Text, NO_CACHE),
    "Location": ("Where the feed is.", Link, "http://localhost:8080/v1/notifications/test"),
    "Idempotent-Replayed": ("`true` where an earlier request with the same key has made it.", Text, "true"),
    "Accept-Ranges": ("Ranges are of ids.", Text, "id"),
    "Content-Range": ("The first and the last id of the page.", Text, f"id {EXAMPLE_ID}..{OLDER_ID}"),
    "Next-Range": ("The next page's `Range`, if there is one.", Text, f"id ]{OLDER_ID}..; max=20; top={EXAMPLE_ID}"),
    "Last-Modified": ("The time of the newest notification.", Text, "Sun, 22 Nov 2026 15:17:17 GMT"),
    "ETag": ("Changes exactly when the body does; send it back as `If-None-Match`.", Text, '"0f3b5c7a9d1e"'),
    "X-Unseen-Count": ("Notifications that the user has not seen.", Count, 2),
    "X-Total-Count": ("All notifications of the user.", Count, 14),
    "Vary": ("Request headers that the reply depends on.", Text, "Accept"),
    "Retry-After": ("Seconds to wait.", Count, int(RETRY_AFTER)),
    "Allow": ("The methods that there are.", Text, "GET,HEAD"),
    "Content-Security-Policy": ("What the page may load: nothing but our own files.", Text, "default-src 'none'"),
}  # fmt: skip
"""Name: what it says, its type, an example."""
ALWAYS: Final = ("X-Request-Id", "X-Runtime", "X-Content-Type-Options", "X-Frame-Options")
"""Headers that every reply has."""


def error(code: int, description: str, message: str, *reasons: str, headers: tuple[str, ...] = ()) -> Reply:
    """A reply of the shape that all errors have."""
    example = {"code": code, "message": message, **({"errors": list(reasons)} if reasons else {})}
    return Reply(description, (Body(type=Error, example=example),), headers)


ERRORS: Final = {
    400: error(400, "Malformed: nothing was done.", "Invalid path", "username: String should match pattern …"),
    404: error(404, "Not there.", "Notifications not found"),
    405: error(405, "There is no such method here.", "Method Not Allowed", headers=("Allow",)),
    408: error(408, "The body did not arrive within `server.body_timeout`.", "The body did not arrive in time"),
    413: error(413, "The body is longer than `server.max_body` allows.", "Request Entity Too Large"),
    415: error(415, "The body is not JSON by its `Content-Type`.", "The body has to be application/json"),
    422: error(
        422,
        "Invalid: nothing was done; every reason is told.",
        "Invalid fields",
        "category: String should have at least 3 characters",
        "message: Field required",
    ),
    500: error(500, "A defect of ours, or a stored value that does not decode. Nothing was overwritten.", BROKEN),
    503: error(
        503,
        "The store gave no answer in time, is full, or can't be written now. The message says what is known: only "
        f"`{UNAVAILABLE}` leaves it open whether the request was served; after any other nothing was changed.",
        UNAVAILABLE,
        headers=("Retry-After",),
    ),
}
READ: Final = (400, 500, 503)
WRITE: Final = (400, 408, 413, 415, 422, 500, 503)
"""Errors of whatever takes a body."""

USERNAME: Final = Parameter(
    name="username", where="path", type=Username, example="test", description="Whose feed it is."
)
CATEGORY: Final = Parameter(
    name="category", where="path", type=Category, example="like", description="The category of notifications."
)
CURSOR: Final = Parameter(
    name="cursor", where="path", type=CursorName, example="mail",
    description="The cursor's name. `notifications` is the one that parts unseen from seen; others are the caller's.",
)  # fmt: skip
IDEMPOTENCY_KEY: Final = Parameter(
    name="Idempotency-Key", where="header", type=Key, example="order-17-shipped",
    description="The same key again gives the first result; with another body it is refused.",
)  # fmt: skip
IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match", where="header", example='"0f3b5c7a9d1e"',
    description="The `ETag` of an earlier reply: where nothing has changed since, the reply is 304.",
)  # fmt: skip
