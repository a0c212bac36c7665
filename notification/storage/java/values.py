"""The values of the Java service: lists of notifications, and cursors, with their ids as KSUIDs."""

from typing import Final

from google.protobuf.message import DecodeError as ProtobufError

from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.storage.java.legacy_pb2 import Notification as Entry
from notification.storage.java.legacy_pb2 import NotificationList
from siblings import CURSOR, FEED, Cursor, DecodeError, Feed
from siblings.java_id import to_ksuid
from siblings.ksuid import NO_ID, is_id

LIST_TYPE: Final = "application/x-protobuf"
CURSOR_TYPE: Final = "application/json"
"""This service's cursors have the same content type and format; only their ids differ."""


def read_list(data: bytes) -> bytes:
    """Translate a list to the bytes of a feed. Raises `ValueError` if it does not decode.

    Equal lists give equal bytes, so siblings merge. The next change writes the value back as a feed.
    """
    try:
        stored = NotificationList.FromString(data)
    except ProtobufError as error:
        raise ValueError("not a list of notifications") from error
    if any(not entry.id for entry in stored.notification):
        # The ids of version 1 were numbers, which this schema does not declare, so `id` is empty.
        raise ValueError(f"a list of version 1 of the Java service, with {len(stored.notification)} notifications")
    slots: dict[str, bytes | None] = {
        to_ksuid(entry.id): encode_notification(_notification(entry)) for entry in stored.notification
    }
    # A removed id that is neither a KSUID nor an id of the Java service can't match a notification, so it is dropped.
    slots |= {id_: None for id_ in map(to_ksuid, stored.deleted_id) if is_id(id_)}
    return FEED.encode(Feed.of(NO_ID, slots))


def read_cursor(data: bytes) -> bytes:
    """Translate a cursor to one whose value is a KSUID. Bytes that are not a cursor are returned unchanged."""
    try:
        cursor = CURSOR.decode(data)
    except DecodeError:
        return data
    value = to_ksuid(cursor.value)
    return data if value == cursor.value else CURSOR.encode(Cursor(cursor.key, value))


def _notification(entry: Entry) -> Notification:
    properties = dict(sorted(entry.property.items()))
    return Notification(to_ksuid(entry.id), entry.category, entry.message, entry.created_at, properties)
