"""Turn exceptions into replies. No other module does this."""

from typing import Final

import structlog
from aiohttp import web

from notification.domain.errors import Broken, NotificationError, Refused, StoreUnavailable, TooSlow
from notification.http import serializers
from notification.http.status import BROKEN, status_of

RETRY_AFTER: Final = "1"
"""Seconds. A Riak node or an SQLite lock is available again within one second, or stays unavailable for a long time."""

log = structlog.get_logger()


def error_response(error: Exception) -> web.StreamResponse:
    """Make the JSON reply for `error`. The reply contains no stack trace and no message from a store.

    Call it in the `except` block, because it logs the traceback. It raises a redirect again, because aiohttp turns the
    exception into the reply.
    """
    match error:
        case Refused():
            return _render(error)
        case web.HTTPException():
            return _render_aiohttp(error)
        case StoreUnavailable():
            log.warning("store unavailable", reason=str(error))
            return _render(error)
        case NotificationError():
            log.exception("request failed", reason=str(error))
            return _render(error)
    log.exception("defect")
    return serializers.json_response(serializers.error(500, BROKEN), 500)


def _render(error: NotificationError) -> web.Response:
    status, message, reasons = status_of(error)
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    response = serializers.json_response(serializers.error(status, message, reasons), status, headers)
    if isinstance(error, Broken | TooSlow):
        response.force_close()  # otherwise, aiohttp would parse the rest of the body as the next request
    return response


def _render_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return serializers.json_response(serializers.error(error.status, error.reason), error.status, allowed)
