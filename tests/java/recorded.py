"""The recordings of the Java service: what it stored in Riak, and what it showed of that."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from notification.riak.riak_pb2 import RpbGetResp
from notification.storage.java.legacy_pb2 import NotificationList
from siblings.java_id import to_ksuid

_RECORDINGS: Final = json.loads((Path(__file__).parent / "recordings.json").read_text())
_HEADER: Final = 5
"""Bytes before the body of a message: its length and its code."""


@dataclass(frozen=True)
class RecordedFeed:
    """One user's values. `created`: its notifications, oldest first; some of them were removed later."""

    username: str
    created: list[dict[str, Any]]
    feed: RpbGetResp
    cursor: RpbGetResp
    shown: dict[str, bool]
    """Whether the Java service showed a notification as unseen, by KSUID; those of its first page."""

    @property
    def kept(self) -> dict[str, dict[str, Any]]:
        """The notifications that were not removed, by KSUID."""
        removed = {id_ for each in self.feed.content for id_ in NotificationList.FromString(each.value).deleted_id}
        return {to_ksuid(each["id"]): each for each in self.created if each["id"] not in removed}


def feeds() -> dict[str, RecordedFeed]:
    return {name: _feed(each) for name, each in _RECORDINGS["feeds"].items()}


def rules(name: str = "rules") -> bytes:
    """The body of the reply to a fetch: of `rules`, `rules_absent` or `rules_no_type`."""
    return _body(_RECORDINGS[name]["response_hex"])


def rules_request(name: str) -> bytes:
    """The whole request of one of these."""
    return bytes.fromhex(_RECORDINGS[name]["request_hex"])


SHOWN_RULES: Final[dict[str, dict[str, Any]]] = _RECORDINGS["rules"]["java_shows"]


def _feed(each: dict[str, Any]) -> RecordedFeed:
    return RecordedFeed(
        each["username"],
        each["created"],
        RpbGetResp.FromString(_body(each["get_notifications"]["response_hex"])),
        RpbGetResp.FromString(_body(each["get_cursor"]["response_hex"])),
        dict(_shown(each["java_shows_first_page"])),
    )


def _shown(items: list[dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    for item in items:
        yield to_ksuid(item["id"]), item["unseen"]
        yield from _shown(item.get("notifications", []))


def _body(message: str) -> bytes:
    return bytes.fromhex(message)[_HEADER:]
