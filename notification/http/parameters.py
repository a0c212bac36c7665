"""Parse and check query parameters and headers. REST and GraphQL share these checks."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from aiohttp import web

from notification.domain.errors import Malformed
from siblings.java_id import to_ksuid
from siblings.ksuid import is_id

MAX_IDS: Final = 1000
"""Maximum number of ids in one removal. A feed holds as many."""
MAX_LISTED: Final = 20
"""Maximum number of unknown parameters that an error lists."""
_HAS_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})").search
_IS_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}").fullmatch


def check_parameters(request: web.Request, *known: str) -> None:
    """Refuse a request that has unknown query parameters. If a misspelt parameter were ignored, a removal would remove
    more than the client meant. Raises `Malformed`."""
    unknown = [name for name in dict.fromkeys(request.query) if name not in known]
    if unknown:
        raise Malformed("Invalid query", [f"{_printable(name)}: unknown parameter" for name in unknown[:MAX_LISTED]])


def path_name(request: web.Request, name: str) -> str:
    """Return a decoded segment of the path. Raises `Malformed` if the path is not percent-encoded UTF-8, because
    aiohttp would read `%FF` as three literal characters, which make a different name."""
    raw = request.rel_url.raw_path
    if ("%" in raw or not raw.isascii()) and not _is_encoded(raw):
        raise Malformed("Invalid path", [f"{name}: must be UTF-8, percent-encoded"])
    return request.match_info[name]


def _is_encoded(path: str) -> bool:
    if _HAS_STRAY_PERCENT(path):
        return False
    try:
        unquote_to_bytes(path).decode()
    except UnicodeError:
        return False
    return True


def parse_flag(name: str, text: str | None) -> bool:
    """Parse a query parameter that is `true` or `false`; an absent one is false. Raises `Malformed`."""
    if text not in (None, "true", "false"):
        raise Malformed("Invalid query", [f"{name}: must be true or false"])
    return text == "true"


def parse_ids(texts: Iterable[str]) -> list[str]:
    """Parse lists of ids separated by commas, and ignore invalid ids. Raises `Malformed` if there are too many."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    if len(parts) > MAX_IDS:
        raise Malformed("Invalid query", [f"ids: at most {MAX_IDS}"])
    return [id_ for id_ in map(to_ksuid, parts) if is_id(id_)]


def parse_since(request: web.Request) -> str | None:
    """Parse the id from which to resume a stream: the header `Last-Event-ID`, or else the parameter `since`. Raises
    `Malformed`."""
    since = request.headers.get("Last-Event-ID") or request.query.get("since")
    if since and not is_id(since):
        raise Malformed("Invalid query", ["since: not a KSUID"])
    return to_ksuid(since) if since else None


def check_key(key: str | None) -> str | None:
    """Return the value of an `Idempotency-Key` header. Raises `Malformed` if it is not 1 to 255 printable ASCII
    characters."""
    if key is not None and not _IS_KEY(key):
        raise Malformed("Invalid header", ["Idempotency-Key: must be 1 to 255 printable ASCII characters"])
    return key


def _printable(name: str) -> str:
    return name[:60].encode(errors="replace").decode()
