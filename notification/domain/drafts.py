"""Validates the notifications and rules that clients send, and reports all errors together.

The Java service's limits apply here, too. Properties are bounded so that a full feed stays far below the maximum size
of a stored value.
"""

import re
from typing import Annotated, Any, Final, TypeVar
from unicodedata import normalize

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from notification.domain import schemas
from notification.domain.duration import Duration, parse_duration
from notification.domain.errors import Invalid, Malformed
from notification.domain.model import Rule
from siblings.java_id import to_ksuid
from siblings.ksuid import is_id

CATEGORY_LENGTHS: Final = range(3, 21)
MESSAGE_LENGTHS: Final = range(1, 256)
MAX_PROPERTIES: Final = 32
MAX_PROPERTY_BYTES: Final = 4096
"""Maximum size of all property names and values of one notification, in bytes of UTF-8."""
MAX_MATCH_ON_BYTES: Final = 255
"""Maximum size of `match_on` in bytes of UTF-8, so that a thousand rules fit easily in one stored value."""
MAX_USERNAMES: Final = 1000
"""Maximum number of users of one fan-out."""


class JsonFloat(float):
    """A JSON number with a fraction or an exponent, which keeps the text that was sent."""

    text: str

    def __new__(cls, text: str) -> "JsonFloat":
        number = super().__new__(cls, text)
        number.text = text
        return number


def as_text(value: object) -> object:
    """Convert a number or a boolean to its JSON text, as Jackson does for text fields."""
    if isinstance(value, JsonFloat):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _whole(value: object) -> object:
    """Convert a number such as 5.0 to an integer, as JSON Schema and Jackson do."""
    return int(value) if isinstance(value, JsonFloat) and value.is_integer() else value


def _bounded(properties: dict[str, str]) -> dict[str, str]:
    if len(properties) > MAX_PROPERTIES:
        raise ValueError(f"at most {MAX_PROPERTIES} properties")
    if sum(len(text.encode()) for pair in properties.items() for text in pair) > MAX_PROPERTY_BYTES:
        raise ValueError(f"at most {MAX_PROPERTY_BYTES} bytes of names and values")
    return properties


def _short(match_on: str) -> str:
    if len(match_on.encode()) > MAX_MATCH_ON_BYTES:
        raise ValueError(f"at most {MAX_MATCH_ON_BYTES} bytes in UTF-8")
    return match_on


def _id(value: str) -> str:
    if not is_id(value):
        raise ValueError("not a KSUID")
    return to_ksuid(value)


def _visible(value: str) -> str:
    if not has_visible(value):
        raise ValueError("white space only")
    return value


def normalized(name: object) -> object:
    """Return a username in Unicode's normal form C, so that two spellings of one text name one user."""
    return normalize("NFC", name) if isinstance(name, str) else name


def _username(value: str) -> str:
    if not is_username(value):
        raise ValueError("must be 1 to 128 characters, without / and control characters, and not . or ..")
    return value


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _length(lengths: range) -> StringConstraints:
    return StringConstraints(min_length=lengths[0], max_length=lengths[-1])


has_visible: Final = re.compile(schemas.VISIBLE_PATTERN).search
"""Finds a character that is not white space."""
_VISIBLE: Final = (AfterValidator(_visible), Field(json_schema_extra=schemas.VISIBLE))
Category = Annotated[str, _length(CATEGORY_LENGTHS), *_VISIBLE]
Message = Annotated[str, _length(MESSAGE_LENGTHS), *_VISIBLE]
_Text = Annotated[str, StringConstraints(max_length=MAX_PROPERTY_BYTES)]
Properties = Annotated[
    dict[_Text, Annotated[_Text, BeforeValidator(as_text)]],
    BeforeValidator(lambda value: {} if value is None else value),
    AfterValidator(_bounded),
    WithJsonSchema(schemas.properties(MAX_PROPERTIES, MAX_PROPERTY_BYTES)),
]
_IS_USERNAME: Final = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,128}").fullmatch
CursorName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~@:+]{1,128}$")]
"""A cursor name has no hyphen, because the last hyphen of a cursor's key separates the username and the cursor name."""
Username = Annotated[
    str, BeforeValidator(normalized), AfterValidator(_username), Field(json_schema_extra=schemas.USERNAME)
]
"""A username has no slash and is neither `.` nor `..`, because clients and proxies would change such a path. It has no
control characters and no lone surrogates, because headers, logs and UTF-8 can't represent them."""


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Draft(_Sent):
    """A notification as a client sends it. Unknown fields are ignored."""

    category: Category
    message: Message
    properties: Properties = Field(default_factory=dict)


class RuleDraft(_Sent):
    """A rule as a client or the configuration gives it. An empty `match_on` means none."""

    model_config = ConfigDict(json_schema_extra=schemas.SAYS_SOMETHING)

    max_size: Annotated[
        Annotated[int, BeforeValidator(_whole), Field(ge=1, le=2**31 - 1)] | None, WithJsonSchema(schemas.MAX_SIZE)
    ] = None
    max_duration: Annotated[
        Annotated[Duration, BeforeValidator(_duration)] | None, WithJsonSchema(schemas.MAX_DURATION)
    ] = None
    match_on: Annotated[
        Annotated[str, AfterValidator(_short)] | None, WithJsonSchema(schemas.match_on(MAX_MATCH_ON_BYTES))
    ] = None

    @property
    def rule(self) -> Rule:
        """The rule as a domain value."""
        return Rule(self.max_size, self.max_duration, self.match_on or None)


class FanOutDraft(Draft):
    """A notification for many users. Each username is checked separately later, so that an invalid one fails alone."""

    usernames: Annotated[list[Any], Field(min_length=1, max_length=MAX_USERNAMES)]


class CursorDraft(_Sent):
    """The position to move a cursor to."""

    value: Annotated[str, AfterValidator(_id), Field(json_schema_extra=schemas.ID)]


class _Named(_Sent):
    username: Username = "username"
    category: Category = "category"
    cursor: CursorName = "cursor"


M = TypeVar("M", bound=BaseModel)


def check(model: type[M], sent: object) -> M:
    """Validate `sent` as a `model`. Raises `Invalid` with all errors."""
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise Invalid("Invalid fields", reasons(error)) from error


def check_username(name: object) -> str:
    """Validate a username, and return its normal form. Raises `Malformed`."""
    normal = normalized(name)
    if not isinstance(normal, str) or not is_username(normal):
        check_names(username=name)
    return str(normal)


def is_username(name: str) -> bool:
    """Whether `name`, in its normal form, is a valid username."""
    return _IS_USERNAME(name) is not None


def check_names(**names: object) -> None:
    """Validate names from a path: `username`, `category`, `cursor`. Raises `Malformed`."""
    try:
        _Named.model_validate(names)
    except ValidationError as error:
        raise Malformed("Invalid path", reasons(error)) from error


def check_rule(sent: object) -> Rule:
    """Validate the rule in a request body. Raises `Invalid`, and `Malformed` if no field is set."""
    rule = check(RuleDraft, sent).rule
    if rule.is_empty:
        raise Malformed("A rule needs one of max_size, max_duration and match_on")
    return rule


def reasons(error: ValidationError) -> list[str]:
    """Return one line per error, with the path of the field and the problem. No line repeats a value that was sent."""
    return [_reason(detail) for detail in error.errors(include_url=False, include_context=False, include_input=False)]


def _reason(detail: Any) -> str:
    path = ".".join(_printable(part) for part in detail["loc"] if part != "[key]") or "body"
    return f"{path}: {detail['msg'].removeprefix('Value error, ')}"


def _printable(part: object) -> str:
    """Return a path segment, cut to 60 characters and without lone surrogates. Clients choose property names."""
    return str(part)[:60].encode(errors="replace").decode()
