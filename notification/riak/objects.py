"""What Riak answers, as plain values: objects with their siblings, bucket properties, a server's name and version."""

from typing import Literal, NamedTuple

from notification.riak.riak_pb2 import RpbContent, RpbGetBucketResp, RpbGetResp, RpbGetServerInfoResp, RpbPutResp

Quorum = int | Literal["one", "quorum", "all", "default"]
"""How many replicas must take part; `default` is the bucket's own."""

_SYMBOLIC = {"one": 4294967294, "quorum": 4294967293, "all": 4294967292, "default": 4294967291}


def quorum_number(quorum: Quorum | None) -> int | None:
    """A quorum as it travels. None: say nothing of it."""
    return _SYMBOLIC[quorum] if isinstance(quorum, str) else quorum


class RiakContent(NamedTuple):
    """One sibling. `deleted`: a tombstone, which has no value. `last_mod`: seconds since 1970."""

    value: bytes
    content_type: str = ""
    content_encoding: str = ""
    vtag: bytes = b""
    last_mod: float = 0.0
    deleted: bool = False

    @classmethod
    def read(cls, content: RpbContent) -> "RiakContent":
        """From what travels."""
        return cls(
            content.value,
            content.content_type.decode("latin-1"),
            content.content_encoding.decode("latin-1"),
            content.vtag,
            content.last_mod + content.last_mod_usecs / 1_000_000,
            content.deleted,
        )


class RiakObject(NamedTuple):
    """What a key holds. No siblings: it is absent, or deleted where there is a vclock.

    `unchanged`: nothing was written since the vclock that a get's `if_modified` named, so nothing was sent.
    """

    siblings: tuple[RiakContent, ...]
    vclock: bytes | None
    unchanged: bool = False

    @classmethod
    def read(cls, body: bytes) -> "RiakObject":
        """From a get's reply."""
        reply = RpbGetResp.FromString(body)
        return cls(tuple(map(RiakContent.read, reply.content)), reply.vclock or None, reply.unchanged)

    @classmethod
    def read_put(cls, body: bytes) -> "RiakObject":
        """From a put's reply."""
        reply = RpbPutResp.FromString(body)
        return cls(tuple(map(RiakContent.read, reply.content)), reply.vclock or None)


class BucketProperties(NamedTuple):
    """The properties that decide whether concurrent writes survive, and over how many replicas."""

    n_val: int
    allow_mult: bool
    last_write_wins: bool
    consistent: bool
    write_once: bool

    @classmethod
    def read(cls, body: bytes) -> "BucketProperties":
        """From a reply's body."""
        props = RpbGetBucketResp.FromString(body).props
        return cls(props.n_val, props.allow_mult, props.last_write_wins, props.consistent, props.write_once)


class ServerInfo(NamedTuple):
    """A node's Erlang name and its version of Riak."""

    node: str
    server_version: str

    @classmethod
    def read(cls, body: bytes) -> "ServerInfo":
        """From a reply's body."""
        info = RpbGetServerInfoResp.FromString(body)
        return cls(info.node.decode(errors="replace"), info.server_version.decode(errors="replace"))
