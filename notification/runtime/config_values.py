"""The types of single configuration values, each with a message for an invalid one."""

import re
from ipaddress import ip_network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field

from notification.domain.duration import Duration, parse_duration
from notification.riak.options import Address
from notification.runtime.yaml_document import shown


def _duration(value: object) -> Duration:
    text = str(value).strip() if isinstance(value, (str, int, float)) else ""
    if text.isdecimal():
        raise ValueError(
            f'the unit is missing; write "{shown(text)} seconds", or another unit (ns, us, ms, s, m, h, d)'
        )
    return parse_duration(text)


def seconds(value: object) -> float:
    """Convert a duration to seconds. Raises `ValueError`."""
    return _duration(value).seconds


def _rule_duration(value: object) -> Duration | None:
    return None if value is None else _duration(value)


def underscored(value: object) -> object:
    """Accept hyphens in the names of a rule's fields, as the Java service does."""
    return {str(key).replace("-", "_"): field for key, field in value.items()} if isinstance(value, dict) else value


def _listed(value: object) -> object:
    """Split a text with commas into a list of nodes, so that an environment variable can set them."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _node(value: str) -> str:
    if not _IS_NODE(value):
        raise ValueError(f'a node is host:port, such as riak1.internal:8087, not "{shown(value)}"')
    try:
        return str(Address.parse(value))
    except UnicodeError as error:
        raise ValueError(f'"{shown(value)}" is not a host name') from error


def _with_unit(value: object) -> object:
    """Reject a number without a unit. In earlier versions, it was a number of notifications or cursors."""
    if str(value).strip().isdecimal() and int(str(value)):
        raise ValueError("a size in bytes with its unit, such as 256 MiB, or 0")
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError(f'"{shown(value)}" is not a network such as 10.0.0.0/8{_suggestion(value)}') from error


def _suggestion(value: str) -> str:
    """Suggest the network that contains an address: for 10.1.2.3/8, 10.0.0.0/8."""
    try:
        return f"; {ip_network(value, strict=False)} is"
    except ValueError:
        return ""


def _quorum(minimum: int) -> BeforeValidator:
    def check(value: object) -> object:
        is_number = isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= MAX_REPLICAS
        if is_number or value is None or (isinstance(value, str) and value in _QUORUMS):
            return value
        raise ValueError(f"must be a number from {minimum} to {MAX_REPLICAS}, one, quorum, all, default or null")

    return BeforeValidator(check)


def _base_path(value: str) -> str:
    if value and not _IS_BASE_PATH(value):
        raise ValueError('empty, or a path such as "/api": no slash at its end, and no segment "." or ".."')
    if value.split("/")[1:2] and value.split("/")[1] in ROOT_PATHS:
        raise ValueError(f'"/{value.split("/")[1]}" is in use at the root')
    return value


def _origin(value: str) -> str:
    if value != "*" and not _IS_ORIGIN(value):
        raise ValueError('an origin as browsers send it, such as "https://app.example.com", or "*"')
    return value


_IS_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?").fullmatch
_IS_NODE = re.compile(r"[^\s/@?#]+").fullmatch
_QUORUMS: Final = ("one", "quorum", "all", "default")
MAX_REPLICAS: Final = 100
"""Maximum value of a quorum. It is above any sensible `n_val`, the number of replicas, whose default is 3."""

ROOT_PATHS: Final = ("admin", "docs", "graphql", "inbox", "metrics", "openapi.json", "ping", "version", "web")
"""First segments of the paths that stay at the root, whatever the base path is."""
_IS_BASE_PATH: Final = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]{1,64}){1,8}").fullmatch
Quorum = int | Literal["one", "quorum", "all", "default"] | None
QuorumSize = Annotated[Quorum, _quorum(1)]
PrimaryQuorumSize = Annotated[Quorum, _quorum(0)]
"""A quorum of primaries. 0 is Riak's default, and means that no replica has to be a primary."""
Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0)]
Size = Annotated[ByteSize, Field(gt=0)]
Capacity = Annotated[ByteSize, BeforeValidator(_with_unit), Field(ge=0)]
Node = Annotated[str, AfterValidator(_node)]
Nodes = Annotated[list[Node], BeforeValidator(_listed), Field(min_length=1)]
Network = Annotated[str, AfterValidator(_network)]
BasePath = Annotated[str, AfterValidator(_base_path)]
Origin = Annotated[str, AfterValidator(_origin)]
RuleDuration = Annotated[Duration | None, BeforeValidator(_rule_duration)]
