"""Notifications: creating, listing, counting, removing."""

from typing import Final

from notification.domain.drafts import Draft, FanOutDraft
from notification.http.openapi import shapes
from notification.http.openapi.operation import Body, Operation, Parameter, Reply
from notification.http.openapi.shared import EXAMPLE_ID, IDEMPOTENCY_KEY, IF_NONE_MATCH, OLDER_ID, READ, USERNAME, WRITE

_SENT: Final = {"category": "like", "message": "Ada liked your post", "properties": {"post": 42}}
_CREATED: Final = {
    "id": EXAMPLE_ID,
    "category": "like",
    "message": "Ada liked your post",
    "created_at": "2026-11-22T15:17:16.987Z",
    "properties": {"post": "42"},
}
_ITEMS: Final = [
    {
        **_CREATED,
        "unseen": True,
        "notifications": [{**_CREATED, "id": OLDER_ID, "unseen": True}],
    }
]
_EVENT: Final = f'event: counts\nid: {OLDER_ID}\ndata: {{"unseen":2,"total":14,"groups":5,"unseen_groups":1}}\n\n'
_PAGE_HEADERS: Final = (
    "Accept-Ranges", "Content-Range?", "Next-Range?", "Last-Modified?", "ETag", "X-Unseen-Count", "X-Total-Count",
    "Cache-Control",
)  # fmt: skip

CREATE: Final = Operation(
    method="post",
    path="/v1/notifications/{username}",
    id="createNotification",
    summary="Put a notification on top of a feed",
    description="Once it is answered, the store has it. What else the body holds is ignored.",
    parameters=(USERNAME, IDEMPOTENCY_KEY),
    body=Body(type=Draft, example=_SENT),
    replies={
        201: Reply(
            "It is stored.",
            (Body(type=shapes.CreatedNotification, example=_CREATED),),
            ("Location", "Idempotent-Replayed?"),
        )
    },
    errors=WRITE,
)
CREATE_MANY: Final = Operation(
    method="post",
    path="/v1/notifications",
    id="createNotifications",
    summary="Put one notification on top of many feeds",
    description="Each user is served for himself: a bad name, or a store that does not answer, fails that one alone. "
    "A user who is named twice gets one notification: both results have its id, and `created` and `failed` count the "
    "user once. With an `Idempotency-Key` the whole can be repeated, and only what is missing is created.",
    parameters=(IDEMPOTENCY_KEY,),
    body=Body(type=FanOutDraft, example={**_SENT, "usernames": ["ada", "a b"]}),
    replies={
        200: Reply(
            "What became of each, in the order given.",
            (
                Body(
                    type=shapes.FanOut,
                    example={
                        "created": 1,
                        "failed": 1,
                        "results": [
                            {"username": "ada", "id": EXAMPLE_ID},
                            {"username": "a b", "code": 400, "message": "username: String should match pattern …"},
                        ],
                    },
                ),
            ),
        )
    },
    errors=WRITE,
)
LIST: Final = Operation(
    method="get",
    path="/v1/notifications/{username}",
    id="listNotifications",
    summary="List a feed, newest first",
    description="The 20 newest without `Range`; a group counts as one. The user's cursor then moves to the newest "
    "notification, where that is on the page: it is unseen once. HEAD answers the headers, and moves nothing.",
    parameters=(
        USERNAME,
        Parameter(
            name="Range",
            where="header",
            example="id; max=100",
            description="`id; max=N` for the first page, up to 1000; `id <from>..`, `id ]<from>..` (without that one), "
            "`id <from>..<to>`, `id <from>..<to>[`, `id ..<to>`, each with `; max=N` or not. For the next page, the "
            "`Next-Range` of the page before. What is malformed, or of another unit, is ignored.",
        ),
        Parameter(name="peek", where="query", type=bool, example=True, description="Leave the cursor where it is."),
        IF_NONE_MATCH,
    ),
    replies={
        200: Reply("The first page.", (Body(type=shapes.Items, example=_ITEMS),), _PAGE_HEADERS),
        206: Reply("The page that `Range` asks for.", (Body(type=shapes.Items, example=_ITEMS),), _PAGE_HEADERS),
        304: Reply("It is as it was. The cursor moves all the same.", (), _PAGE_HEADERS),
    },
    errors=(*READ[:1], 404, *READ[1:]),
)
COUNT: Final = Operation(
    method="get",
    path="/v1/notifications/{username}/count",
    id="countNotifications",
    summary="Count a feed",
    description="Exact, and without moving the cursor. Of a feed that is not there, all are 0.",
    parameters=(USERNAME, IF_NONE_MATCH),
    replies={
        200: Reply(
            "The counts.",
            (Body(type=shapes.Counts, example={"unseen": 2, "total": 14, "groups": 5, "unseen_groups": 1}),),
            ("ETag", "Cache-Control"),
        ),
        304: Reply("They are as they were.", (), ("ETag", "Cache-Control")),
    },
    errors=READ,
)
REMOVE: Final = Operation(
    method="delete",
    path="/v1/notifications/{username}",
    id="removeNotifications",
    summary="Remove some notifications, or all",
    description="It may be repeated. A notification that is nested under another is removed alone.",
    parameters=(
        USERNAME,
        Parameter(
            name="ids",
            where="query",
            example=EXAMPLE_ID,
            description="Up to 1000 ids with commas between them. What is no id is ignored; an empty "
            "value removes nothing. Of ids that the feed does not hold, the 20 newest are remembered as removed, in "
            "case another process has made them, and each takes a place among the 1000 of the feed. The others are "
            "ignored, and so is an id above the newest of the feed that is dated more than a day ahead. "
            "Without this parameter all notifications are removed, and the cursor. Any other parameter is refused.",
        ),
    ),
    replies={204: Reply("They are gone.")},
    errors=READ,
)

STREAM: Final = Operation(
    method="get",
    path="/v1/notifications/{username}/stream",
    id="streamNotifications",
    summary="Watch a feed",
    description="Server-Sent Events, until the reader leaves or the service stops: `notification` with the item, "
    "`removed` with ids, `cleared`, `seen` with the cursor, `counts` after each of them, and `reset` where the feed "
    "has to be read anew. The SSE field `id` is the position to resume from; it comes with the first event, and with "
    "each that moves it. A resumed stream may send again what was sent before, so that nothing is lost: such events "
    'have `"replayed": true` in their data, and no others have; show them, but announce them to nobody. Comments keep '
    "the connection open. A reader that leaves events unread for 10 seconds is cut off. Cursors stay where they are.",
    parameters=(
        USERNAME,
        Parameter(
            name="Last-Event-ID",
            where="header",
            example=OLDER_ID,
            description="The last position that arrived. All newer notifications come first, and as `replayed` those "
            "of the 15 seconds before it, in case one was stored late; the one it names is not sent again. Browsers "
            "send it themselves.",
        ),
        Parameter(
            name="since", where="query", example=OLDER_ID, description="The same, where there is no such header."
        ),
    ),
    replies={
        200: Reply("Events.", (Body(type=shapes.Text, media="text/event-stream", example=_EVENT),), ("Cache-Control",))
    },
    errors=READ,
)

OPERATIONS: Final = (LIST, CREATE, REMOVE, COUNT, STREAM, CREATE_MANY)
