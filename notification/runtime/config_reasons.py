"""Messages for invalid configuration values: a sentence for each type of pydantic error."""

from collections.abc import Mapping
from typing import Any, Final

from notification.runtime.yaml_document import Path, is_secret, shown

KEY: Final = "[key]"
"""The last part of pydantic's path if the key itself is invalid and not its value."""

SENTENCES: Final[Mapping[str, str]] = {
    "extra_forbidden": "there is no such key",
    "missing": "is needed",
    "float_type": "must be a number{found}",
    "int_type": "must be a whole number{found}",
    "string_type": "must be text{found}; put it in quotes",
    "bool_type": "must be true or false{found}",
    "list_type": "must be a list{found}",
    "dict_type": "must be a section of keys and values{found}",
    "model_type": "must be a section of keys and values{found}",
    "literal_error": "must be {expected}{found}",
    "greater_than": "must be more than {gt}{found}",
    "greater_than_equal": "must be at least {ge}{found}",
    "less_than_equal": "must be at most {le}{found}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must not be empty",
    "byte_size": "must be a size in bytes, such as 256 KiB{found}",
    "byte_size_unit": "must be a size in bytes, such as 256 KiB{found}",
    "value_error": "{error}",
}
"""Sentences by type of error. `{found}` is the value; it is empty for secrets, lists and sections."""

RENAMED: Final[Mapping[Path, str]] = {
    ("cache", "notifications"): "is now cache.feeds, a size in bytes such as 256 MiB",
    ("cache", "shown"): "is now cache.views, a size in bytes such as 128 MiB",
}
"""Messages for keys of earlier versions."""


def reason(detail: Mapping[str, Any]) -> tuple[Path, str]:
    """Return the path of a pydantic error and a sentence about it."""
    path = tuple(part for part in detail["loc"] if part != KEY)
    context = {name: str(value).replace("'", "") for name, value in detail.get("ctx", {}).items() if name != "error"}
    error = detail.get("ctx", {}).get("error", "")
    sentence = SENTENCES.get(detail["type"], "is not valid{found}")
    if detail["type"] == "extra_forbidden":
        sentence = RENAMED.get(path, sentence)
    text = sentence.format(**context, error=error, found=_found(path, detail["input"]))
    return path, f"the name {text}" if KEY in detail["loc"] else text


def _found(path: Path, value: object) -> str:
    if is_secret(path) or isinstance(value, (list, dict)):
        return ""
    if value is None:
        return ", not null"
    if isinstance(value, str):
        return f', not "{shown(value)}"'
    return f", not {str(value).lower()}"
