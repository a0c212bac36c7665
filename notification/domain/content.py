"""Validates what a notification says. Plain checks accept valid bodies; pydantic reports the errors of all others.

The limits are those of `drafts`; a property test compares both validations.
"""

import re
from typing import Any, Final, NamedTuple, TypeGuard

from notification.domain.drafts import (
    CATEGORY_LENGTHS,
    MAX_PROPERTIES,
    MAX_PROPERTY_BYTES,
    MESSAGE_LENGTHS,
    Draft,
    as_text,
    check,
    has_visible,
)

_HAS_SURROGATE: Final = re.compile("[\ud800-\udfff]").search
"""Finds a lone surrogate."""


class Content(NamedTuple):
    """A valid notification as a client sends it."""

    category: str
    message: str
    properties: dict[str, str]


def check_content(sent: object) -> Content:
    """Validate `sent` as a `Draft`. Raises `Invalid` with all errors."""
    content = valid_content(sent)
    if content is None:
        draft = check(Draft, sent)
        return Content(draft.category, draft.message, draft.properties)
    return content


def valid_content(sent: object) -> Content | None:
    """Return the content of a body that `check` accepts as a `Draft`, in two thirds of the time; else `None`."""
    if type(sent) is not dict:
        return None
    category, message = sent.get("category"), sent.get("message")
    if not _is_valid(category, CATEGORY_LENGTHS) or not _is_valid(message, MESSAGE_LENGTHS):
        return None
    properties = _valid_properties(sent.get("properties"))
    return None if properties is None else Content(category, message, properties)


def _is_valid(text: object, lengths: range) -> TypeGuard[str]:
    return (
        type(text) is str
        and len(text) in lengths
        and has_visible(text) is not None
        and (text.isascii() or not _HAS_SURROGATE(text))
    )


def _valid_properties(sent: object) -> dict[str, str] | None:
    if sent is None:
        return {}
    if type(sent) is not dict or len(sent) > MAX_PROPERTIES:
        return None
    properties: dict[str, Any] = {name: value if type(value) is str else as_text(value) for name, value in sent.items()}
    try:
        size = len("".join([*properties, *properties.values()]).encode())
    except (TypeError, UnicodeEncodeError):
        return None
    return properties if size <= MAX_PROPERTY_BYTES else None
