"""Describe what is stored under one key: every sibling, decoded as far as possible, and their merged value.

Descriptions consist of dictionaries, lists, text and numbers, so that they can be shown as JSON or YAML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from notification.domain.errors import CorruptValue
from notification.domain.model import Notification, Rule
from notification.domain.payload import decode_notification, decode_rule
from notification.storage.store import Store
from siblings import Cursor, DecodeError, Feed, Mergeable, RuleMap
from siblings.rule_map import STANDING

HEAD: Final = 32
"""Maximum number of bytes that are shown of a value that does not decode."""

Description = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is stored under a key. `merged`: the merge of the siblings that decode, or `None` if no sibling does."""

    siblings: Sequence[Description]
    merged: Description | None


async def inspect(store: Store, type_: Mergeable[Any], bucket: str, key: str) -> Inspection:
    """Describe the value of a key. Writes nothing. Raises `StoreUnavailable`."""
    try:
        fetched = await store.fetch(bucket, key)
    except CorruptValue as error:
        return Inspection([{"undecodable": error.reason}], None)
    values = fetched.values if fetched else ()
    decoded = [_decoded(type_, value) for value in values]
    siblings = [
        {"bytes": len(value), **(_undecodable(value, result) if isinstance(result, DecodeError) else describe(result))}
        for value, result in zip(values, decoded, strict=True)
    ]
    readable = [result for result in decoded if not isinstance(result, DecodeError)]
    return Inspection(siblings, describe(type_.join(readable)) if readable else None)


def describe(value: Feed | Cursor | RuleMap) -> Description:
    """Describe a value."""
    if isinstance(value, Cursor):
        return {"key": value.key, "value": value.value or None}
    if isinstance(value, RuleMap):
        return {
            "floor": value.floor or None,
            "rules": [_entry(name, *value.entries[name]) for name in sorted(value.entries)],
        }
    return {
        "floor": value.floor or None,
        "live": [_notification(id_, payload) for id_, payload in value.live()],
        "removed": [id_ for id_ in reversed(value.slots) if value.slots[id_] is None],
    }


def _decoded(type_: Mergeable[Any], value: bytes) -> Any:
    try:
        return type_.decode(value)
    except DecodeError as error:
        return error


def _undecodable(data: bytes, error: DecodeError) -> Description:
    return {"undecodable": str(error), "head": data[:HEAD].hex(" ")}


def _notification(id_: str, payload: bytes) -> Description:
    try:
        notification = decode_notification(id_, payload)
    except DecodeError as error:
        return {"id": id_, "bytes": len(payload), **_undecodable(payload, error)}
    return _fields(notification)


def _fields(notification: Notification) -> Description:
    fields = {
        "id": notification.id,
        "category": notification.category,
        "message": notification.message,
        "created_at": notification.created_at,
        "properties": dict(notification.properties),
    }
    keyed = notification.idempotency
    return {**fields, "idempotency": [part.hex() for part in keyed]} if keyed else fields


def _entry(category: str, stamp: str, rule: bytes | None) -> Description:
    entry = {"category": category, "stamp": None if stamp == STANDING else stamp}
    if rule is None:
        return {**entry, "removed": True}
    if not rule:
        return entry  # an empty entry is the name of a cursor
    try:
        return {**entry, **_rule(decode_rule(rule))}
    except DecodeError as error:
        return {**entry, **_undecodable(rule, error)}


def _rule(rule: Rule) -> Description:
    duration = None if rule.max_duration is None else str(rule.max_duration)
    fields = {"max_size": rule.max_size, "max_duration": duration, "match_on": rule.match_on}
    return {name: value for name, value in fields.items() if value is not None}
