"""The one place where exceptions become replies."""

from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from notification.errors import (
    Invalid,
    Malformed,
    NotFound,
    NotificationError,
    Refused,
    StoreUnavailable,
    UnsupportedMedia,
)
from notification.http import rendering

STATUS: Final[dict[type[Refused], int]] = {Malformed: 400, NotFound: 404, UnsupportedMedia: 415, Invalid: 422}
RETRY_AFTER: Final = "1"
"""Seconds. Riak's nodes and SQLite's locks come back within one, or not soon."""

log = structlog.get_logger()


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers whatever is raised as JSON: never a stack trace, never a store's own words."""
    try:
        return await handler(request)
    except Refused as error:
        status = STATUS[type(error)]
        return rendering.json_response(rendering.error(status, error.message, error.reasons), status)
    except web.HTTPException as error:
        return _of_aiohttp(error)
    except StoreUnavailable as error:
        log.warning("store unavailable", reason=str(error))
        body = rendering.error(503, "The store gave no answer in time; the outcome is unknown")
        return rendering.json_response(body, 503, {"Retry-After": RETRY_AFTER})
    except NotificationError as error:
        log.exception("request failed", reason=str(error))
        return rendering.json_response(rendering.error(500, "Internal server error"), 500)
    except Exception:  # a defect of ours: whoever asked gets an answer, whoever runs it the trace
        log.exception("defect")
        return rendering.json_response(rendering.error(500, "Internal server error"), 500)


def _of_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return rendering.json_response(rendering.error(error.status, error.reason), error.status, allowed)
