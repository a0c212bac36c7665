"""Riak's replies as plain values: objects and their siblings, bucket properties, server information."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from notification.riak.riak_pb2 import (
    DtFetchResp,
    MapEntry,
    RpbContent,
    RpbGetBucketResp,
    RpbGetResp,
    RpbGetServerInfoResp,
    RpbPutResp,
)

Quorum = int | Literal["one", "quorum", "all", "default"]
"""The number of replicas that must take part; `default` is the bucket's property."""

_REGISTER: Final = 3
_MAP: Final = 5
_SYMBOLIC = {"one": 4294967294, "quorum": 4294967293, "all": 4294967292, "default": 4294967291}


def quorum_number(quorum: Quorum | None) -> int | None:
    """Return a quorum as Riak encodes it; `None` leaves the field unset."""
    return _SYMBOLIC[quorum] if isinstance(quorum, str) else quorum


class RiakContent(NamedTuple):
    """One sibling.

    `last_mod`: when it was written, in seconds since 1970. `deleted`: a tombstone; its `value` is empty.
    """

    value: bytes
    content_type: str = ""
    content_encoding: str = ""
    vtag: bytes = b""
    last_mod: float = 0.0
    deleted: bool = False

    @classmethod
    def read(cls, content: RpbContent) -> "RiakContent":
        """Decode one sibling."""
        return cls(
            content.value,
            content.content_type.decode("latin-1"),
            content.content_encoding.decode("latin-1"),
            content.vtag,
            content.last_mod + content.last_mod_usecs / 1_000_000,
            content.deleted,
        )


class RiakObject(NamedTuple):
    """The value of a key: its siblings and their vclock.

    Without siblings, the key is deleted if there is a vclock, and absent if there is none. `unchanged`: the vclock
    still equals the `if_modified` of the request, and Riak sent no value.
    """

    siblings: tuple[RiakContent, ...]
    vclock: bytes | None
    unchanged: bool = False

    @classmethod
    def read(cls, body: bytes) -> "RiakObject":
        """Decode the reply to a get."""
        reply = RpbGetResp.FromString(body)
        return cls(tuple(map(RiakContent.read, reply.content)), reply.vclock or None, reply.unchanged)

    @classmethod
    def read_put(cls, body: bytes) -> "RiakObject":
        """Decode the reply to a put."""
        reply = RpbPutResp.FromString(body)
        return cls(tuple(map(RiakContent.read, reply.content)), reply.vclock or None)


class RiakMap(NamedTuple):
    """A map, which is one of Riak's data types: its registers and its nested maps. Other fields are left out."""

    registers: Mapping[bytes, bytes]
    maps: Mapping[bytes, "RiakMap"]

    @classmethod
    def read(cls, body: bytes) -> "RiakMap":
        """Decode the reply to a fetch. An absent key is an empty map."""
        return _map_of(DtFetchResp.FromString(body).value.map_value)


class BucketProperties(NamedTuple):
    """The bucket properties that decide whether concurrent writes survive. `n_val`: the number of replicas."""

    n_val: int
    allow_mult: bool
    last_write_wins: bool
    consistent: bool
    write_once: bool

    @classmethod
    def read(cls, body: bytes) -> "BucketProperties":
        """Decode a reply."""
        props = RpbGetBucketResp.FromString(body).props
        return cls(props.n_val, props.allow_mult, props.last_write_wins, props.consistent, props.write_once)


class ServerInfo(NamedTuple):
    """The Erlang name and the Riak version of a node."""

    node: str
    server_version: str

    @classmethod
    def read(cls, body: bytes) -> "ServerInfo":
        """Decode a reply."""
        info = RpbGetServerInfoResp.FromString(body)
        return cls(info.node.decode(errors="replace"), info.server_version.decode(errors="replace"))


def _map_of(entries: Iterable[MapEntry]) -> RiakMap:
    registers, maps = {}, {}
    for entry in entries:
        if entry.field.type == _REGISTER:
            registers[entry.field.name] = entry.register_value
        elif entry.field.type == _MAP:
            maps[entry.field.name] = _map_of(entry.map_value)
    return RiakMap(registers, maps)
