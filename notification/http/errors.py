"""The one place where exceptions become replies."""

from typing import Final

import structlog
from aiohttp import web

from notification.domain.errors import Broken, NotificationError, Refused, StoreUnavailable, TooSlow
from notification.http import serializers
from notification.http.status import BROKEN, status_of

RETRY_AFTER: Final = "1"
"""Seconds. Riak's nodes and SQLite's locks come back within one, or not soon."""

log = structlog.get_logger()


def answer(error: Exception) -> web.StreamResponse:
    """The reply to whoever met `error`: JSON, never a stack trace, never a store's own words. To be called where it was
    caught, as the log tells the trace. Raises redirects again: they are replies."""
    match error:
        case Refused():
            return _of(error)
        case web.HTTPException():
            return _of_aiohttp(error)
        case StoreUnavailable():
            log.warning("store unavailable", reason=str(error))
            return _of(error)
        case NotificationError():
            log.exception("request failed", reason=str(error))
            return _of(error)
    log.exception("defect")
    return serializers.json_response(serializers.error(500, BROKEN), 500)


def _of(error: NotificationError) -> web.Response:
    status, message, reasons = status_of(error)
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    response = serializers.json_response(serializers.error(status, message, reasons), status, headers)
    if isinstance(error, Broken | TooSlow):
        response.force_close()  # what is left of the body would be taken for a request
    return response


def _of_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return serializers.json_response(serializers.error(error.status, error.reason), error.status, allowed)
