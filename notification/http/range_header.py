"""Parse and format the `Range` and `Next-Range` headers.

    id; max=100   id ..; max=100     the first page
    id <from>..   id ]<from>..       from that id to older ones; `]` excludes the id itself
    id <from>..<to>   id ..<to>[     down to the id `to`; `[` excludes it

An id is a position, and need not be the id of a notification. `Next-Range` adds the parameters of the view token,
so that later pages continue the view of the first page: `top` and `seen` are ids; `shown` lists the partial groups as
`<digest>-<last id>`, or is `*` if they are too many to list.
"""

import re
from collections.abc import Mapping
from typing import Final

from notification.domain.ranges import DEFAULT_MAX, MAX_LIMIT, Range, ViewToken
from siblings.java_id import to_ksuid
from siblings.ksuid import NO_ID, is_id

_POSITIONS: Final = re.compile(
    r"id\s*(?P<open>\])?(?P<start>\w{27})?(?P<dots>\.\.)?(?P<stop>\w{27})?(?P<close>\[)?", re.IGNORECASE
).fullmatch
_PARAMETER: Final = re.compile(r"\s*(\w+)\s*=\s*(\S*)\s*", re.ASCII).fullmatch
_DIGEST: Final = re.compile(r"[0-9a-f]{10}", re.ASCII).fullmatch
_TOKEN_PARAMETERS: Final = {"seen", "top", "shown"}
_PARAMETERS: Final = {"max", *_TOKEN_PARAMETERS}
_TOO_MANY: Final = "*"


def parse_range(header: str) -> Range | None:
    """Parse a `Range` header. Returns `None` if it is malformed or has another unit, because RFC 9110, section
    14.2, requires the server to ignore such a header."""
    positions, *rest = header.strip().split(";")
    match = _POSITIONS(positions.strip())
    parameters = _parse_parameters(rest)
    if match is None or parameters is None or not (_has_ids(match) or (_is_whole(match) and "max" in parameters)):
        return None
    limit = _parse_limit(parameters.get("max", str(DEFAULT_MAX)))
    token = _parse_token(parameters)
    if limit is None or (token is None and parameters.keys() & _TOKEN_PARAMETERS):
        return None
    start, stop = (to_ksuid(text) if text else None for text in (match["start"], match["stop"]))
    return Range(start, not match["open"], stop, not match["close"], limit, token)


def format_range(wanted: Range) -> str:
    """Format a range as the value of a header. `parse_range` reads it back."""
    positions = ""
    if wanted.start is not None or wanted.stop is not None:
        end = "" if wanted.includes_stop else "["
        positions = f" {'' if wanted.includes_start else ']'}{wanted.start or ''}..{wanted.stop or ''}{end}"
    return "; ".join([f"id{positions}", f"max={wanted.max}", *_format_token(wanted.frozen)])


def _is_whole(match: re.Match[str]) -> bool:
    """Whether the positions name no id, as in `id` and `id ..`, and so select the whole feed."""
    return not any(match[name] for name in ("open", "start", "stop", "close"))


def _has_ids(match: re.Match[str]) -> bool:
    """Whether the positions are `from..`, `from..to` or `..to`, and each bracket stands next to an id."""
    ids = [id_ for id_ in (match["start"], match["stop"]) if id_]
    brackets = bool(match["start"] or not match["open"]) and bool(match["stop"] or not match["close"])
    return bool(match["dots"] and ids and brackets and all(map(is_id, ids)))


def _parse_parameters(texts: list[str]) -> dict[str, str] | None:
    matches = [_PARAMETER(text) for text in texts]
    parameters = {match[1]: match[2] for match in matches if match}
    return parameters if len(parameters) == len(texts) and parameters.keys() <= _PARAMETERS else None


def _parse_limit(text: str) -> int | None:
    digits = text.isascii() and text.isdigit() and len(text) <= 9
    return min(int(text), MAX_LIMIT) or None if digits else None


def _parse_token(parameters: Mapping[str, str]) -> ViewToken | None:
    top, seen = parameters.get("top", ""), parameters.get("seen", NO_ID)
    shown = parameters.get("shown", "")
    if not is_id(top) or not (seen == NO_ID or is_id(seen)):
        return None
    if shown == _TOO_MANY:
        return ViewToken(top, seen, None)
    groups = dict(part.split("-", 1) for part in shown.split(",") if "-" in part)
    valid = all(_DIGEST(digest) and is_id(last) for digest, last in groups.items())
    return ViewToken(top, seen, groups) if valid else None


def _format_token(token: ViewToken | None) -> list[str]:
    if token is None:
        return []
    shown = _TOO_MANY if token.shown is None else ",".join(f"{digest}-{last}" for digest, last in token.shown.items())
    parameters = [("seen", token.seen), ("top", token.top), ("shown", shown)]
    return [f"{name}={value}" for name, value in parameters if value]
