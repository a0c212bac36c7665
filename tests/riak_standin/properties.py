"""Properties of bucket types and of single buckets, and the gossip of the latter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from notification.riak.riak_pb2 import RpbBucketProps
from tests.riak_standin.errors import RiakError
from tests.riak_standin.ring import Key

ONE, QUORUM, ALL, DEFAULT = 4294967294, 4294967293, 4294967292, 4294967291

UNTYPED = b"default"

_UNUSED = bytes.fromhex(
    "2801380142220a0e7269616b5f636f72655f7574696c121063686173685f7374645f6b657966756e4a2b0a167269616b5f6b765f776d5f6c"
    "696e6b5f77616c6b657212116d61707265647563655f6c696e6b66756e5080a3055814603268329801fdffffff0f"
)
"""Properties outside the client's messages (hooks, vclock pruning, rw, …), which real nodes send as well."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The effective properties of a bucket. Symbolic quorums stay symbolic. Clients can't see or set `dvv_enabled`."""

    n_val: int = 3
    allow_mult: bool = False
    last_write_wins: bool = False
    pr: int = 0
    r: int = QUORUM
    w: int = QUORUM
    pw: int = 0
    dw: int = QUORUM
    basic_quorum: bool = False
    notfound_ok: bool = True
    consistent: bool | None = None
    write_once: bool | None = None
    dvv_enabled: bool = False


UNTYPED_DEFAULTS = Properties(write_once=False)
TYPED_DEFAULTS = Properties(allow_mult=True, dvv_enabled=True)


def to_message(properties: Properties) -> RpbBucketProps:
    """Encode properties for a reply."""
    message = RpbBucketProps.FromString(_UNUSED)
    for name in RpbBucketProps.DESCRIPTOR.fields_by_name:
        value = getattr(properties, name)
        if value is not None:
            setattr(message, name, value)
    return message


@dataclass(frozen=True, slots=True)
class Override:
    """Properties set for one bucket. Nodes keep the later of two versions."""

    set_at: int
    properties: Properties


class PropertyBook:
    """The properties of all buckets as one node knows them."""

    def __init__(self, types: Mapping[bytes, Properties]) -> None:
        self._types = {UNTYPED: UNTYPED_DEFAULTS, **types}
        self.overrides: dict[tuple[bytes, bytes], Override] = {}

    def types(self) -> list[bytes]:
        """Every bucket type."""
        return list(self._types)

    def of_type(self, bucket_type: bytes) -> Properties | None:
        """The properties of a bucket type; `None` if it does not exist."""
        return self._types.get(bucket_type)

    def of_bucket(self, bucket_type: bytes, bucket: bytes) -> Properties | None:
        """The properties of a bucket as this node knows them."""
        override = self.overrides.get((bucket_type, bucket))
        return override.properties if override else self.of_type(bucket_type)

    def of_key(self, key: Key) -> Properties:
        """The properties that apply to a request for `key`."""
        properties = self.of_bucket(key.bucket_type, key.bucket)
        if properties is None:
            raise RiakError("no_type")
        return properties

    def adopt(self, bucket: tuple[bytes, bytes], override: Override) -> None:
        """Store properties from a client or from another node."""
        known = self.overrides.get(bucket)
        if known is None or known.set_at < override.set_at:
            self.overrides[bucket] = override


def changed(properties: Properties, message: RpbBucketProps) -> Properties:
    """Apply the properties that a client sets."""
    return replace(properties, **{field.name: value for field, value in message.ListFields()})
