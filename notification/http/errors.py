"""The one place where exceptions become replies."""

from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from notification.errors import NotificationError, Refused, StoreUnavailable
from notification.http import rendering
from notification.http.status import BROKEN, status_of

RETRY_AFTER: Final = "1"
"""Seconds. Riak's nodes and SQLite's locks come back within one, or not soon."""

log = structlog.get_logger()


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers whatever is raised as JSON: never a stack trace, never a store's own words."""
    try:
        return await handler(request)
    except Refused as error:
        return _of(error)
    except web.HTTPException as error:
        return _of_aiohttp(error)
    except StoreUnavailable as error:
        log.warning("store unavailable", reason=str(error))
        return _of(error)
    except NotificationError as error:
        log.exception("request failed", reason=str(error))
        return _of(error)
    except Exception:  # a defect of ours: whoever asked gets an answer, whoever runs it the trace
        log.exception("defect")
        return rendering.json_response(rendering.error(500, BROKEN), 500)


def _of(error: NotificationError) -> web.Response:
    status, message, reasons = status_of(error)
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return rendering.json_response(rendering.error(status, message, reasons), status, headers)


def _of_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return rendering.json_response(rendering.error(error.status, error.reason), error.status, allowed)
