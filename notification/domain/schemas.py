"""What the JSON schemas of sent things say beyond what pydantic knows of their types."""

from typing import Any, Final

from pydantic.config import JsonDict

ID: Final[JsonDict] = {"pattern": "^[0-9A-Za-z]{27}$"}
VISIBLE_PATTERN: Final = r"[^\s\u001c-\u001f\u0085\ufeff]"
"""Something else than white space, in Python and in JavaScript, whose `\\s` differ in the characters that are named."""
VISIBLE: Final[JsonDict] = {"pattern": VISIBLE_PATTERN}
NOT_DOTS: Final[JsonDict] = {"not": {"enum": [".", ".."]}}
MAX_SIZE: Final[JsonDict] = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": 2**31 - 1,
    "description": "How many may be nested under the newest one.",
}
MAX_DURATION: Final[JsonDict] = {
    "type": ["string", "null"],
    "pattern": r"^\s*[0-9]{1,19}\s*(ns|us|ms|s|m|h|d|(nano|micro|milli)?seconds?|minutes?|hours?|days?)\s*$",
    "description": "How much older than the newest they may be: a whole number and a unit, at most 292 years.",
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
"""Of a rule: one of the three has to be there. The titles name them in generated clients."""


def match_on(most_bytes: int) -> JsonDict:
    """The property that a rule matches on."""
    return {
        "type": ["string", "null"],
        "maxLength": most_bytes,
        "description": f"The property whose value they must share, at most {most_bytes} bytes of UTF-8; an empty one "
        "means none.",
    }


def properties(most: int, most_bytes: int) -> dict[str, Any]:
    """A notification's properties, at most so many and so long."""
    return {
        "type": ["object", "null"],
        "maxProperties": most,
        "propertyNames": {"maxLength": most_bytes},
        "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": most_bytes},
        "description": f"Names and values, {most_bytes} bytes of UTF-8 in all. Numbers and booleans are kept as their "
        "JSON text.",
    }
