"""The configuration: what config.yml may say. Unknown keys and wrong types are errors, all told at once."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
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


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Server(_Section):
    """Where the service listens, and how much it takes."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    admin_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    shutdown_timeout: Seconds = 10.0
    header_timeout: Seconds = 10.0
    body_timeout: Seconds = 30.0
    write_timeout: Seconds = 10.0
    idle_timeout: Seconds = 75.0
    max_unread: Size = ByteSize(67108864)
    max_connections: Annotated[int, Field(ge=1)] | None = None
    max_body: Size = ByteSize(262144)
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    proxies: list[Annotated[str, AfterValidator(_network)]] = Field(default_factory=list)
    cors_origins: list[Annotated[str, AfterValidator(_origin)]] = Field(default_factory=list)

    @field_validator("admin_port")
    @classmethod
    def _of_its_own(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value and value == info.data.get("port"):
            raise ValueError("the same as server.port; null serves both on one port")
        return value


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
    """How much is kept decoded in memory."""

    notifications: Annotated[int, Field(ge=0)] = 1_000_000
    shown: Annotated[int, Field(ge=0)] = 100_000
    cursors: Annotated[int, Field(ge=0)] = 100_000


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
    reason = "there is no such key" if detail["type"] == "extra_forbidden" else detail["msg"]
    document.complain(path, reason.removeprefix("Value error, "))
