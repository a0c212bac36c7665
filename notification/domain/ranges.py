"""The `Range` and `Next-Range` headers: which part of a timeline is asked for, and what comes after it.

    id; max=100                      the first page
    id <from>..   id ]<from>..       from that id on downwards, included or not
    id <from>..<to>   id ..<to>[     down to that id, included or not

An id is a position and need not exist. A `Next-Range` also freezes the view, so that its pages fit together while
others write: `top` is the newest id of the first page, `seen` the boundary between unseen and seen, and `shown` names
the groups of earlier pages that reach below the cut, with the last id of each.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from siblings import WINDOW
from siblings.ksuid import NO_ID, is_id

DEFAULT_MAX: Final = 20
MAX_LIMIT: Final = WINDOW

_POSITIONS = re.compile(
    r"id\s*(?P<open>\])?(?P<start>\w{27})?(?P<dots>\.\.)?(?P<stop>\w{27})?(?P<close>\[)?", re.IGNORECASE
)
_PARAMETER = re.compile(r"\s*(\w+)\s*=\s*(\S*)\s*", re.ASCII).fullmatch
_MARK = re.compile(r"[0-9a-f]{10}", re.ASCII).fullmatch
_KNOWN: Final = {"max", "seen", "top", "shown"}
_TOO_MANY: Final = "*"

PartialGroups = Mapping[str, str]
"""By mark of a kind: the last id of its group that earlier pages have shown."""


@dataclass(frozen=True, slots=True)
class ViewToken:
    """The view of a first page: ids up to `top`, unseen above `seen` (`NO_ID`: all).

    `shown` is `None` where there were too many groups to name.
    """

    top: str
    seen: str = NO_ID
    shown: PartialGroups | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a timeline, from `start` (the newest, where absent) down to `stop` (the oldest)."""

    start: str | None = None
    includes_start: bool = True
    stop: str | None = None
    includes_stop: bool = True
    max: int = DEFAULT_MAX
    frozen: ViewToken | None = None

    def covers(self, id_: str) -> bool:
        """Whether a position lies within."""
        if self.start is not None and (id_ > self.start or (id_ == self.start and not self.includes_start)):
            return False
        return self.stop is None or id_ > self.stop or (id_ == self.stop and self.includes_stop)

    def after(self, last: str, frozen: ViewToken) -> "Range":
        """What follows the page that ended with `last`."""
        return Range(last, False, self.stop, self.includes_stop, self.max, frozen)

    def __str__(self) -> str:
        """The header's value."""
        positions = ""
        if self.start is not None or self.stop is not None:
            end = "" if self.includes_stop else "["
            positions = f" {'' if self.includes_start else ']'}{self.start or ''}..{self.stop or ''}{end}"
        return "; ".join([f"id{positions}", f"max={self.max}", *_frozen_parameters(self.frozen)])


FIRST: Final = Range()
"""The first page, where nothing else is asked for."""


def parse_range(header: str) -> Range | None:
    """The range of a `Range` header; `None` where it is malformed or of another unit, which is to be ignored
    (RFC 9110, 14.2)."""
    positions, *rest = header.strip().split(";")
    match = _POSITIONS.fullmatch(positions.strip())
    parameters = _parameters(rest)
    if match is None or parameters is None or not (_is_whole(match) or (_is_bare(match) and "max" in parameters)):
        return None
    limit = _limit(parameters.get("max", str(DEFAULT_MAX)))
    frozen = _frozen(parameters)
    if limit is None or (frozen is None and parameters.keys() & {"seen", "top", "shown"}):
        return None
    return Range(match["start"], not match["open"], match["stop"], not match["close"], limit, frozen)


def _is_bare(match: re.Match[str]) -> bool:
    return not any(match.groups())


def _is_whole(match: re.Match[str]) -> bool:
    """`from..`, `from..to` or `..to`, brackets only where there is something to exclude."""
    ids = [id_ for id_ in (match["start"], match["stop"]) if id_]
    brackets = bool(match["start"] or not match["open"]) and bool(match["stop"] or not match["close"])
    return bool(match["dots"] and ids and brackets and all(map(is_id, ids)))


def _parameters(texts: list[str]) -> dict[str, str] | None:
    matches = [_PARAMETER(text) for text in texts]
    parameters = {match[1]: match[2] for match in matches if match}
    return parameters if len(parameters) == len(texts) and parameters.keys() <= _KNOWN else None


def _limit(text: str) -> int | None:
    digits = text.isascii() and text.isdigit() and len(text) <= 9
    return min(int(text), MAX_LIMIT) or None if digits else None


def _frozen(parameters: Mapping[str, str]) -> ViewToken | None:
    top, seen = parameters.get("top", ""), parameters.get("seen", NO_ID)
    shown = parameters.get("shown", "")
    if not is_id(top) or not (seen == NO_ID or is_id(seen)):
        return None
    if shown == _TOO_MANY:
        return ViewToken(top, seen, None)
    marks = dict(part.split("-", 1) for part in shown.split(",") if "-" in part)
    return ViewToken(top, seen, marks) if all(_MARK(mark) and is_id(last) for mark, last in marks.items()) else None


def _frozen_parameters(frozen: ViewToken | None) -> list[str]:
    if frozen is None:
        return []
    shown = _TOO_MANY if frozen.shown is None else ",".join(f"{mark}-{last}" for mark, last in frozen.shown.items())
    parameters = [("seen", frozen.seen), ("top", frozen.top), ("shown", shown)]
    return [f"{name}={value}" for name, value in parameters if value]
