"""An asyncio client of the service: `async with NotificationClient("http://127.0.0.1:8080") as client: …`.

This package contains all that a caller needs to use the service over HTTP: requests, retries, live streams, and typed
replies.
The client shares the HTTP contract with the server, but no code.
It needs aiohttp and pydantic, and imports nothing else from this project.

Bottom-up:

- `errors.py`: the exception tree
- `paths.py`: the paths of the REST interface
- `models.py`: replies and events as frozen values, and their validation
- `events.py`: the parser of Server-Sent Events
- `retrying.py`: what to retry, how often and for how long
- `transport.py`: one HTTP request with retries
- `streaming.py`: a live stream that reconnects and drops repeated events
- `client.py`: `NotificationClient`, the public interface
"""

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
