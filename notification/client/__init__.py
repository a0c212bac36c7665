"""An asyncio client of the service: `async with NotificationClient("http://127.0.0.1:8080") as client: …`."""

from notification.client.client import NotificationClient, Property
from notification.client.errors import NotificationClientError, NotUnderstood, Refused, ServerFailed, Unavailable
from notification.client.models import (
    Arrived,
    Cleared,
    Counted,
    Counts,
    Cursor,
    Delivery,
    Event,
    FanOut,
    Notification,
    Page,
    Removed,
    Reset,
    Rule,
    Seen,
)
from notification.client.retrying import Retries

__all__ = [
    "Arrived",
    "Cleared",
    "Counted",
    "Counts",
    "Cursor",
    "Delivery",
    "Event",
    "FanOut",
    "NotUnderstood",
    "Notification",
    "NotificationClient",
    "NotificationClientError",
    "Page",
    "Property",
    "Refused",
    "Removed",
    "Reset",
    "Retries",
    "Rule",
    "Seen",
    "ServerFailed",
    "Unavailable",
]
