"""Reads the feeds that the Java service (smoketurner/notification) wrote, so that a team can migrate in place.

The service's Protocol Buffers schema and its translation live here. Nothing here writes that format or calls a store.
"""

from typing import Final

from google.protobuf.message import DecodeError as ProtobufError

from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from notification.storage.java.legacy_pb2 import Notification as Entry
from notification.storage.java.legacy_pb2 import NotificationList
from siblings import FEED, Feed
from siblings.ksuid import NO_ID

CONTENT_TYPE: Final = "application/x-protobuf"


def read_list(data: bytes) -> bytes:
    """Translate a list of the Java service to the bytes of a feed. Raises `ValueError` if it does not decode.

    Equal lists give equal bytes, so siblings merge. The next change writes the value back as a feed.
    """
    try:
        stored = NotificationList.FromString(data)
    except ProtobufError as error:
        raise ValueError("not a list of notifications") from error
    slots: dict[str, bytes | None] = {
        entry.id: encode_notification(_notification(entry)) for entry in stored.notification
    }
    slots |= dict.fromkeys(stored.deleted_id)
    return FEED.encode(Feed.of(NO_ID, slots))


def _notification(entry: Entry) -> Notification:
    properties = dict(sorted(entry.property.items()))
    return Notification(entry.id, entry.category, entry.message, entry.created_at, properties)
