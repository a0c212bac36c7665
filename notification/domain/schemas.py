"""JSON Schema for the constraints of request bodies that the types do not express."""

from typing import Any, Final

from pydantic.config import JsonDict

ID: Final[JsonDict] = {"pattern": "^[0-9A-Za-z]{27}$"}
VISIBLE_PATTERN: Final = r"[^\s\u001c-\u001f\u0085\ufeff]"
"""A character that is not white space, in Python and in JavaScript; their `\\s` differ in the characters listed."""
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
"""A rule must have at least one of the three. Generated clients use the titles as names."""


def match_on(most_bytes: int) -> JsonDict:
    """Return the schema of `match_on` with at most `most_bytes` bytes."""
    return {
        "type": ["string", "null"],
        "maxLength": most_bytes,
        "description": f"Name of the property whose value all members of a group share, at most {most_bytes} bytes of "
        "UTF-8. An empty name means none.",
    }


def properties(most: int, most_bytes: int) -> dict[str, Any]:
    """Return the schema of `properties` with at most `most` entries and `most_bytes` bytes of text."""
    return {
        "type": ["object", "null"],
        "maxProperties": most,
        "propertyNames": {"maxLength": most_bytes},
        "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": most_bytes},
        "description": f"Names and values with at most {most_bytes} bytes of UTF-8 in total. Numbers and booleans are "
        "stored as their JSON text.",
    }
