"""The schema of config.yml. Unknown keys and wrong types are errors. All errors are reported together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import (
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

from notification.domain.drafts import Category, RuleDraft
from notification.domain.errors import ConfigError
from notification.domain.model import Rule
from notification.runtime.config_checks import check_files, check_timeouts
from notification.runtime.config_reasons import reason
from notification.runtime.config_values import (
    BasePath,
    Capacity,
    Network,
    Nodes,
    Origin,
    PrimaryQuorumSize,
    QuorumSize,
    RuleDuration,
    Seconds,
    Size,
    underscored,
)
from notification.runtime.yaml_document import Document, parse_yaml

VARIABLES: Final = {
    "HOST": "server.host",
    "PORT": "server.port",
    "WORKERS": "server.workers",
    "STORAGE": "storage",
    "DATA": "embedded.path",
    "RIAK_NODES": "riak.nodes",
    "RIAK_BUCKET_TYPE": "riak.bucket_type",
    "RIAK_PASSWORD": "riak.security.password",
    "LOG_LEVEL": "logging.level",
}
"""The environment variables that the default config.yml reads, and the key that each of them sets."""


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Server(_Section):
    """Where the service listens, and its limits."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    base_path: BasePath = ""
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
    worker_timeout: Annotated[Seconds, Field(ge=1)] = 30.0
    proxies: list[Network] = Field(default_factory=list)
    cors_origins: list[Origin] = Field(default_factory=list)

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
    """The credentials for a Riak cluster with security enabled."""

    username: Annotated[str, Field(min_length=1)]
    password: str
    cacert_file: str | None = None
    server_hostname: str | None = None


class Riak(_Section):
    """A Riak cluster."""

    nodes: Nodes = ["127.0.0.1:8087"]
    bucket_type: str = ""
    connections_per_node: Annotated[int, Field(ge=1)] = 32
    connect_timeout: Seconds = 1.0
    request_timeout: Seconds = 2.0
    deadline: Seconds = 5.0
    r: QuorumSize = None
    pr: PrimaryQuorumSize = None
    w: QuorumSize = None
    pw: PrimaryQuorumSize = None
    dw: QuorumSize = None
    java_buckets: bool = True
    security: RiakSecurity | None = None


class CacheSize(_Section):
    """The maximum memory of each cache in a process."""

    feeds: Capacity = ByteSize(256 * 1024**2)
    views: Capacity = ByteSize(128 * 1024**2)
    cursors: Capacity = ByteSize(32 * 1024**2)


class Live(_Section):
    """Live streams of feeds."""

    poll_interval: Seconds = 3.0
    heartbeat: Seconds = 15.0


class GraphQL(_Section):
    """The GraphQL endpoint."""

    ide: Literal["builtin", "graphiql"] = "builtin"


class Logging(_Section):
    """The amount and the format of the log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    requests: bool = True
    sample_rate: Annotated[float, Field(gt=0, le=1)] = 1.0

    @property
    def request_share(self) -> float:
        """The share of requests to log, from 0 to 1."""
        return self.sample_rate if self.requests else 0.0


class StandingRule(RuleDraft):
    """A rule in the configuration."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    max_duration: RuleDuration = None

    @model_validator(mode="after")
    def _limits_something(self) -> "StandingRule":
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
    graphql: GraphQL = GraphQL()
    logging: Logging = Logging()
    request_timeout: Seconds = 10.0
    rule_cache_timeout: Seconds = 10.0
    rules: dict[Category, Annotated[StandingRule, BeforeValidator(underscored)]] = Field(default_factory=dict)

    @property
    def configured_rules(self) -> Mapping[str, Rule]:
        """The configured rules by category."""
        return {category: rule.rule for category, rule in self.rules.items()}


class Loaded(NamedTuple):
    """A configuration. `warnings`: settings that are valid but probably not intended."""

    config: Config
    warnings: Sequence[str]


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Load the configuration from a file.

    Raises `ConfigError` with every problem. Each problem starts with its line and the path of its key.
    """
    return load_with_warnings(path, environment).config


def load_with_warnings(path: Path, environment: Mapping[str, str]) -> Loaded:
    """Load the configuration from a file and check the files that it names. Raises `ConfigError` with every problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} can't be read: {error}"]) from error
    document = parse_yaml(text, environment)
    check_files(document)
    config = _config(document)
    unused = sorted(name for name in VARIABLES if environment.get(name) and name not in document.used)
    return Loaded(config, [f"{name} is set, but the file has no ${{{name}}} for {VARIABLES[name]}" for name in unused])


def parse_config(text: str, environment: Mapping[str, str]) -> Config:
    """Parse the text of a configuration. Raises `ConfigError`."""
    return _config(parse_yaml(text, environment))


def _config(document: Document) -> Config:
    config = _validated(document)
    check_timeouts(document, Config())
    if config is None or document.errors:
        raise ConfigError(document.errors)
    return config


def _validated(document: Document) -> Config | None:
    try:
        return Config.model_validate({} if document.data is None else document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path, sentence = reason(detail)
            if path not in document.unread:
                document.add_error(path, sentence)
        return None
