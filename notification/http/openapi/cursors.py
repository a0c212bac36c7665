"""Operations on cursors."""

from typing import Final

from notification.domain.drafts import CursorDraft
from notification.http.openapi import shapes
from notification.http.openapi.operation import Body, Operation, Reply
from notification.http.openapi.shared import CURSOR, EXAMPLE_ID, USERNAME, WRITE

OPERATIONS: Final = (
    Operation(
        method="get",
        path="/v1/cursors/{username}/{cursor}",
        id="showCursor",
        summary="Retrieve a cursor",
        description="Returns the position of a cursor and does not move it.",
        parameters=(USERNAME, CURSOR),
        replies={
            200: Reply(
                "Returns the cursor.",
                (Body(type=shapes.Cursor, example={"key": "test-mail", "value": EXAMPLE_ID}),),
                ("Cache-Control",),
            )
        },
        errors=(400, 404, 500, 503),
    ),
    Operation(
        method="put",
        path="/v1/cursors/{username}/{cursor}",
        id="moveCursor",
        summary="Move a cursor forward",
        description="An older value changes nothing. The cursor `notifications` never moves past the newest "
        "notification of the feed. An id that is newer than the feed's newest and more than a day in the future is an "
        "error. A user has at most 16 cursors besides `notifications`.",
        parameters=(USERNAME, CURSOR),
        bodies=(Body(type=CursorDraft, example={"value": EXAMPLE_ID}),),
        replies={204: Reply("The cursor is at this id or a newer one.")},
        errors=WRITE,
    ),
    Operation(
        method="delete",
        path="/v1/cursors/{username}/{cursor}",
        id="removeCursor",
        summary="Delete a named cursor",
        description="The cursor `notifications` can't be deleted by itself. Removing all notifications of the "
        "user removes it, together with all other cursors.",
        parameters=(USERNAME, CURSOR),
        replies={204: Reply("The cursor is deleted, or never existed.")},
        errors=(400, 500, 503),
    ),
)
