"""The configuration: what config.yml may say. Unknown keys and wrong types are errors, all told at once."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from notification.duration import parse_duration
from notification.errors import ConfigError
from notification.model import Rule
from notification.riak.options import Address
from notification.validation import Category, RuleDraft
from notification.yamlfile import Document, parse_yaml


def _seconds(value: object) -> float:
    if not isinstance(value, str):
        raise ValueError('a duration in quotes or plain, such as "10 seconds"')  # noqa: TRY004  # pydantic's way
    return parse_duration(value).seconds


def _underscored(value: object) -> object:
    """The names of a rule's fields may be written with hyphens, as the Java service has them."""
    return {str(key).replace("-", "_"): field for key, field in value.items()} if isinstance(value, dict) else value


def _listed(value: object) -> object:
    """Nodes may be one text with commas, as an environment variable has it."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _node(value: str) -> str:
    return str(Address.parse(value))


def _with_unit(value: object) -> object:
    """A bare number was a count of notifications or cursors, until caches were bounded in bytes."""
    if str(value).strip().isdecimal() and int(str(value)):
        raise ValueError("a size in bytes with its unit, such as 256 MiB, or 0")
    return value


def _network(value: str) -> str:
    return str(ip_network(value))


def _origin(value: str) -> str:
    if value != "*" and not _IS_ORIGIN(value):
        raise ValueError('an origin as browsers send it, such as "https://app.example.com", or "*"')
    return value


_IS_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?").fullmatch
QuorumSize = Annotated[int, Field(ge=0, le=100)] | Literal["one", "quorum", "all", "default"] | None
Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]
Size = Annotated[ByteSize, Field(gt=0)]
Capacity = Annotated[ByteSize, BeforeValidator(_with_unit), Field(ge=0)]

RENAMED: Final[Mapping[tuple[str, ...], str]] = {
    ("cache", "notifications"): "this is cache.feeds now, a size in bytes such as 256 MiB",
    ("cache", "shown"): "this is cache.views now, a size in bytes such as 128 MiB",
}
"""What is said of keys that earlier versions had."""


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Server(_Section):
    """Where the service listens, and how much it takes."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    shutdown_timeout: Seconds = 10.0
    max_body: Size = ByteSize(262144)
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    proxies: list[Annotated[str, AfterValidator(_network)]] = Field(default_factory=list)
    cors_origins: list[Annotated[str, AfterValidator(_origin)]] = Field(default_factory=list)


class Embedded(_Section):
    """The embedded store."""

    path: Annotated[str, Field(min_length=1)] = "data/notification.db"
    timeout: Seconds = 5.0


class RiakSecurity(_Section):
    """Who the service is, for a Riak whose security is on."""

    username: Annotated[str, Field(min_length=1)]
    password: str
    cacert_file: str | None = None
    server_hostname: str | None = None


class Riak(_Section):
    """A Riak cluster."""

    nodes: Annotated[list[Annotated[str, AfterValidator(_node)]], BeforeValidator(_listed), Field(min_length=1)] = [
        "127.0.0.1:8087"
    ]
    bucket_type: str = ""
    connections_per_node: Annotated[int, Field(ge=1)] = 32
    connect_timeout: Seconds = 1.0
    request_timeout: Seconds = 2.0
    deadline: Seconds = 5.0
    r: QuorumSize = None
    pr: QuorumSize = None
    w: QuorumSize = None
    pw: QuorumSize = None
    dw: QuorumSize = None
    security: RiakSecurity | None = None


class CacheSize(_Section):
    """How much memory each cache of a process may take."""

    feeds: Capacity = ByteSize(256 * 1024**2)
    views: Capacity = ByteSize(128 * 1024**2)
    cursors: Capacity = ByteSize(32 * 1024**2)


class Live(_Section):
    """Streams of what happens to feeds."""

    poll_interval: Seconds = 3.0
    heartbeat: Seconds = 15.0


class Logging(_Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    requests: bool = True


class StandingRule(RuleDraft):
    """A rule in the configuration."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    @model_validator(mode="after")
    def _says_something(self) -> "StandingRule":
        if self.rule.is_empty:
            raise ValueError("needs one of max_size, max_duration and match_on")
        return self


class Config(_Section):
    """The whole configuration."""

    server: Server = Server()
    storage: Literal["embedded", "riak"] = "embedded"
    embedded: Embedded = Embedded()
    riak: Riak = Riak()
    cache: CacheSize = CacheSize()
    live: Live = Live()
    logging: Logging = Logging()
    request_timeout: Seconds = 10.0
    rule_cache_timeout: Seconds = 10.0
    rules: dict[Category, Annotated[StandingRule, BeforeValidator(_underscored)]] = Field(default_factory=dict)

    @property
    def standing_rules(self) -> Mapping[str, Rule]:
        """The rules by category."""
        return {category: standing.rule for category, standing in self.rules.items()}


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """The configuration in a file. Raises `ConfigError` with every reason, line and path first."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} can't be read: {error}"]) from error
    return parse_config(text, environment)


def parse_config(text: str, environment: Mapping[str, str]) -> Config:
    """The configuration in a text. Raises `ConfigError`."""
    document = parse_yaml(text, environment)
    config = _validated(document)
    if config is None or document.errors:
        raise ConfigError(document.errors)
    return config


def _validated(document: Document) -> Config | None:
    try:
        return Config.model_validate({} if document.data is None else document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _complain(document, detail)
        return None


def _complain(document: Document, detail: Any) -> None:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    unknown = RENAMED.get(path, "there is no such key")
    reason = unknown if detail["type"] == "extra_forbidden" else detail["msg"]
    document.complain(path, reason.removeprefix("Value error, "))
