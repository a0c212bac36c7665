"""Cursors: how far a user has come."""

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
        summary="Show a cursor",
        description="Reading it moves nothing.",
        parameters=(USERNAME, CURSOR),
        replies={
            200: Reply(
                "How far it has come.",
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
        description="An older value changes nothing. `notifications` never passes the newest notification of the feed. "
        "An id above the newest of the feed that is dated more than a day ahead is refused. A user has at most 16 "
        "cursors beside `notifications`.",
        parameters=(USERNAME, CURSOR),
        body=Body(type=CursorDraft, example={"value": EXAMPLE_ID}),
        replies={204: Reply("It is there, or further.")},
        errors=WRITE,
    ),
    Operation(
        method="delete",
        path="/v1/cursors/{username}/{cursor}",
        id="removeCursor",
        summary="Delete a named cursor",
        description="The cursor `notifications` can't be deleted by itself: it is removed with all notifications of "
        "the user, as every other cursor is.",
        parameters=(USERNAME, CURSOR),
        replies={204: Reply("It is gone, or never existed.")},
        errors=(400, 500, 503),
    ),
)
