"""JSON Schema for the constraints of request bodies that the types do not express."""

from typing import Any, Final

from pydantic.config import JsonDict

ID: Final[JsonDict] = {"pattern": "^[0-9A-Za-z]{27}$"}
VISIBLE_PATTERN: Final = r"[^\s\u001c-\u001f\u0085\ufeff]"
"""Matches a character that is not white space. The pattern lists the characters on which the `\\s` of Python and of
JavaScript differ."""
VISIBLE: Final[JsonDict] = {"pattern": VISIBLE_PATTERN}
USERNAME: Final[JsonDict] = {
    "pattern": r"^[^/\u0000-\u001f\u007f-\u009f]+$",
    "minLength": 1,
    "maxLength": 128,
    "not": {"enum": [".", ".."]},
}
MAX_SIZE: Final[JsonDict] = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": 2**31 - 1,
    "description": "Maximum number of notifications nested under the newest one.",
}
MAX_DURATION: Final[JsonDict] = {
    "type": ["string", "null"],
    "pattern": r"^\s*[0-9]{1,19}\s*(ns|us|ms|s|m|h|d|(nano|micro|milli)?seconds?|minutes?|hours?|days?)\s*$",
    "description": "Maximum age of nested notifications relative to the newest: a whole number and a unit, at most "
    "292 years.",
}
SAYS_SOMETHING: Final[JsonDict] = {
    "anyOf": [
        {"title": "SizedRule", "required": ["max_size"], "properties": {"max_size": {"type": "integer"}}},
        {"title": "TimedRule", "required": ["max_duration"], "properties": {"max_duration": {"type": "string"}}},
        {
            "title": "MatchingRule",
            "required": ["match_on"],
            "properties": {"match_on": {"type": "string", "minLength": 1}},
        },
    ]
}
"""Requires at least one of the three fields. Generated clients use the titles as names of types."""


def match_on(max_bytes: int) -> JsonDict:
    """Return the schema of `match_on` with at most `max_bytes` bytes."""
    return {
        "type": ["string", "null"],
        "maxLength": max_bytes,
        "description": f"Name of the property whose value all members of a group share, at most {max_bytes} bytes of "
        "UTF-8. An empty name means none.",
    }


def properties(max_entries: int, max_bytes: int) -> dict[str, Any]:
    """Return the schema of `properties` with at most `max_entries` entries and `max_bytes` bytes of text."""
    return {
        "type": ["object", "null"],
        "maxProperties": max_entries,
        "propertyNames": {"maxLength": max_bytes},
        "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": max_bytes},
        "description": f"Names and values with at most {max_bytes} bytes of UTF-8 in total. Numbers and booleans are "
        "stored as their JSON text.",
    }
