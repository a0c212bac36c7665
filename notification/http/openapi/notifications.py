"""Operations on notifications."""

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
    summary="Create a notification",
    description="The reply is sent once the notification is stored. Unknown fields of the body are ignored.",
    parameters=(USERNAME, IDEMPOTENCY_KEY),
    bodies=(Body(type=Draft, example=_SENT),),
    replies={
        201: Reply(
            "Returns the notification.",
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
    summary="Create a notification for many users",
    description="Creates the notification for each user independently: an invalid username, or a failure of the store, "
    "affects that user only. A user who is listed twice gets one notification: both results have its id, and `created` "
    "and `failed` count the user once. If you send an `Idempotency-Key`, you can repeat the request, and only missing "
    "notifications are created.",
    parameters=(IDEMPOTENCY_KEY,),
    bodies=(Body(type=FanOutDraft, example={**_SENT, "usernames": ["ada", "a/b"]}),),
    replies={
        200: Reply(
            "Returns the outcome for each user, in the order of `usernames`.",
            (
                Body(
                    type=shapes.FanOut,
                    example={
                        "created": 1,
                        "failed": 1,
                        "results": [
                            {"username": "ada", "id": EXAMPLE_ID},
                            {"username": "a/b", "code": 400, "message": "username: must be 1 to 128 characters …"},
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
    description="Returns the 20 newest items unless `Range` says otherwise. A group counts as one item. If the newest "
    "notification is on the page, the user's cursor moves to it, so each notification is unseen once. HEAD returns "
    "the headers and does not move the cursor.",
    parameters=(
        USERNAME,
        Parameter(
            name="Range",
            where="header",
            example="id; max=100",
            description="The part of the feed to return. `id; max=N` or `id ..; max=N` returns the first page, with "
            "at most N items (up to 1000). `id <from>..`, `id <from>..<to>` and `id ..<to>` select by id, newest "
            "first; `]` before an id and `[` after it exclude that id, as in `id ]<from>..`. Each takes an optional "
            "`; max=N`. For the next page, send the `Next-Range` of the "
            "previous reply. A malformed range, or one of another unit, is ignored.",
        ),
        Parameter(name="peek", where="query", type=bool, example=True, description="Do not move the cursor."),
        IF_NONE_MATCH,
    ),
    replies={
        200: Reply("Returns the first page.", (Body(type=shapes.Items, example=_ITEMS),), _PAGE_HEADERS),
        206: Reply("Returns the page that `Range` selects.", (Body(type=shapes.Items, example=_ITEMS),), _PAGE_HEADERS),
        304: Reply("The page has not changed. The cursor moves nevertheless.", (), _PAGE_HEADERS),
    },
    errors=(*READ[:1], 404, *READ[1:]),
)
COUNT: Final = Operation(
    method="get",
    path="/v1/notifications/{username}/count",
    id="countNotifications",
    summary="Count a feed",
    description="Returns exact numbers and does not move the cursor. All are 0 if the feed does not exist.",
    parameters=(USERNAME, IF_NONE_MATCH),
    replies={
        200: Reply(
            "Returns the counts.",
            (Body(type=shapes.Counts, example={"unseen": 2, "total": 14, "groups": 5, "unseen_groups": 1}),),
            ("ETag", "Cache-Control"),
        ),
        304: Reply("The counts have not changed.", (), ("ETag", "Cache-Control")),
    },
    errors=READ,
)
REMOVE: Final = Operation(
    method="delete",
    path="/v1/notifications/{username}",
    id="removeNotifications",
    summary="Remove notifications",
    description="You can repeat the request safely. Removing a notification does not remove those nested under it.",
    parameters=(
        USERNAME,
        Parameter(
            name="ids",
            where="query",
            example=EXAMPLE_ID,
            description="Up to 1000 ids, separated by commas. Invalid ids are ignored; an empty value removes nothing. "
            "Of the ids that the feed does not hold, the 20 newest are remembered as removed, in case another process "
            "has created them, and each takes one of the 1000 places of the feed. The others are ignored, and so is an "
            "id that is newer than the feed's newest and more than a day in the future. Without this parameter, the "
            "request removes all notifications and every cursor. Unknown parameters are an error.",
        ),
    ),
    replies={204: Reply("The notifications are removed.")},
    errors=READ,
)

STREAM: Final = Operation(
    method="get",
    path="/v1/notifications/{username}/stream",
    id="streamNotifications",
    summary="Watch a feed",
    description="Sends Server-Sent Events until the client disconnects or the service stops. `notification` contains "
    "the new item, `removed` contains ids, `cleared` contains nothing, and `seen` contains the cursor. `counts` "
    "follows each of them. `reset` means that events were lost: read the feed again. The SSE field `id` is the "
    "position from which to resume; the first event has it, and so has each event that changes it. A resumed stream "
    'may repeat events, so that none is lost. Only repeated events have `"replayed": true` in their data: show them, '
    "but do not alert the user. Comments keep the connection open. A client that reads nothing for 10 seconds is "
    "disconnected. The stream does not move cursors.",
    parameters=(
        USERNAME,
        Parameter(
            name="Last-Event-ID",
            where="header",
            example=OLDER_ID,
            description="The last position that the client received. The stream starts with all newer notifications. "
            "It also repeats those of the 15 seconds before the position, as `replayed`, in case one was stored late; "
            "the notification at the position is not repeated. Browsers send this header automatically.",
        ),
        Parameter(
            name="since",
            where="query",
            example=OLDER_ID,
            description="The same as `Last-Event-ID`, for clients that can't set headers.",
        ),
    ),
    replies={
        200: Reply(
            "Sends events.", (Body(type=shapes.Text, media="text/event-stream", example=_EVENT),), ("Cache-Control",)
        )
    },
    errors=READ,
)

OPERATIONS: Final = (LIST, CREATE, REMOVE, COUNT, STREAM, CREATE_MANY)
