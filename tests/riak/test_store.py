"""The store on Riak: what it sends, and what it makes of what a real cluster answered."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from notification.domain.errors import CorruptValue, StoreError, StoreUnavailable
from notification.riak.client import RiakClient
from notification.riak.messages import Code, frame
from notification.riak.options import Options
from notification.riak.riak_pb2 import (
    RpbContent,
    RpbDelReq,
    RpbGetReq,
    RpbGetResp,
    RpbListKeysResp,
    RpbPutReq,
    RpbPutResp,
)
from notification.storage.riak_store import RiakStore
from notification.storage.store import Fetched, Store, Stored
from tests.riak.conftest import Until
from tests.riak.recorded import steps
from tests.riak.scripted_node import ScriptedNode, error, hang, only, raw

QUICK = Options(request_timeout=2.0, deadline=10.0, first_pause=0.01, longest_pause=0.05)


def unreadable(_value: bytes) -> bytes:
    raise ValueError("not a list of notifications")


def store_on(*nodes: ScriptedNode, **options: Any) -> RiakStore:
    return RiakStore(RiakClient([node.name for node in nodes], options=QUICK), bucket_type="notifications", **options)


@pytest.fixture
async def store(node: ScriptedNode) -> AsyncIterator[RiakStore]:
    store = store_on(
        node,
        content_types={"cursors": "application/json"},
        translate={"application/x-protobuf": bytes.upper, "text/broken": unreadable},
    )
    await store.start(["feeds", "cursors"])
    node.frames.clear()
    yield store
    await store.close()


def replies(node: ScriptedNode, request: Code, code: Code, message: Message) -> None:
    """From now on the node answers `request` with this."""
    node.script = only(request, raw(frame(code, message.SerializeToString())))


def recorded(node: ScriptedNode, scenario: str, step: int) -> bytes | None:
    """From now on the node answers as in that step of a scenario. Returns the vclock of that answer."""
    recorded = steps(scenario)[step]
    node.script = only(recorded.request.code, raw(recorded.responses[0].data))
    vclock = recorded.responses[0].fields.get("vclock")
    return bytes.fromhex(vclock["hex"]) if vclock else None


def sent(node: ScriptedNode, kind: type[Any]) -> Any:
    """The one request that the node was sent since it was started."""
    (request,) = node.frames
    return kind.FromString(request.body)


def test_it_is_a_store() -> None:
    store: Store = RiakStore(RiakClient(["riak1"]))
    assert store


@pytest.mark.parametrize(
    ("scenario", "step", "values"),
    [
        ("siblings", 1, [b"one"]),
        ("siblings", 3, [b"one", b"two"]),
        ("many-siblings", 10, [b"v%d" % number for number in range(10)]),
        ("delete", 3, []),
        ("delete", 5, [b"again"]),
        ("delete-vs-write", 4, [b"two"]),
        ("partition", 10, [b"left", b"right"]),
        ("get-missing", 0, []),
    ],
)
async def test_values_are_read_without_tombstones_and_the_context_is_kept(
    node: ScriptedNode, store: RiakStore, scenario: str, step: int, values: Sequence[bytes]
) -> None:
    context = recorded(node, scenario, step)
    assert await store.fetch("feeds", "k") == Fetched(tuple(values), context)


async def test_identical_siblings_are_all_there(node: ScriptedNode, store: RiakStore) -> None:
    twice = RpbGetResp(content=[RpbContent(value=b"v"), RpbContent(value=b"v")], vclock=b"c")
    replies(node, Code.GET_REQ, Code.GET_RESP, twice)
    assert await store.fetch("feeds", "k") == Fetched((b"v", b"v"), b"c")


async def test_an_unchanged_value_is_not_sent(node: ScriptedNode, store: RiakStore) -> None:
    recorded(node, "if-modified", 1)
    assert await store.fetch("feeds", "k", unless=b"seen") is None
    assert sent(node, RpbGetReq).if_modified == b"seen"


async def test_a_key_that_is_still_deleted_is_unchanged(node: ScriptedNode, store: RiakStore) -> None:
    context = recorded(node, "delete", 3)
    assert await store.fetch("feeds", "k", unless=context) is None
    assert await store.fetch("feeds", "k", unless=b"before") == Fetched((), context)


async def test_a_key_that_is_gone_altogether_is_absent(node: ScriptedNode, store: RiakStore) -> None:
    recorded(node, "get-missing", 0)
    assert await store.fetch("feeds", "k", unless=b"before") == Fetched((), None)


async def test_a_get_asks_for_the_vclock_of_tombstones(node: ScriptedNode, store: RiakStore) -> None:
    await store.fetch("feeds", "jürgen")
    get = sent(node, RpbGetReq)
    assert (get.bucket, get.key, get.type, get.deletedvclock) == (b"feeds", "jürgen".encode(), b"notifications", True)
    assert (get.timeout, get.HasField("r"), get.HasField("pr")) == (2000, False, False)


@pytest.mark.parametrize(
    ("scenario", "step", "is_only"), [("return-head", 0, True), ("return-head", 1, True), ("return-head", 2, False)]
)
async def test_a_put_tells_the_context_only_where_its_value_is_the_only_one(
    node: ScriptedNode, store: RiakStore, scenario: str, step: int, is_only: bool
) -> None:
    context = recorded(node, scenario, step)
    assert await store.put("feeds", "k", b"v", b"seen") == (Stored(context, 1) if is_only else Stored(None, 2))


async def test_a_tombstone_beside_the_value_does_not_count(node: ScriptedNode, store: RiakStore) -> None:
    with_tombstone = RpbPutResp(content=[RpbContent(value=b""), RpbContent(value=b"", deleted=True)], vclock=b"c")
    replies(node, Code.PUT_REQ, Code.PUT_RESP, with_tombstone)
    assert await store.put("feeds", "k", b"v", None) == Stored(b"c", 1)


@pytest.mark.parametrize(
    ("bucket", "value", "content_type", "encoding"),
    [
        ("feeds", b"\x80", b"application/msgpack", b""),
        ("feeds", b"\x28\xb5\x2f\xfd...", b"application/msgpack", b"zstd"),
        ("cursors", b"{}", b"application/json", b""),
    ],
)
async def test_a_value_says_what_it_is(
    node: ScriptedNode, store: RiakStore, bucket: str, value: bytes, content_type: bytes, encoding: bytes
) -> None:
    await store.put(bucket, "k", value, b"seen")
    put = sent(node, RpbPutReq)
    assert (put.content.value, put.content.content_type, put.content.content_encoding) == (
        value,
        content_type,
        encoding,
    )
    assert (put.type, put.vclock, put.return_head) == (b"notifications", b"seen", True)


async def test_a_write_without_context_says_it_has_seen_nothing(node: ScriptedNode, store: RiakStore) -> None:
    await store.put("feeds", "k", b"v", None)
    assert not sent(node, RpbPutReq).HasField("vclock")


async def test_quorums_are_sent_where_they_are_configured(node: ScriptedNode) -> None:
    store = store_on(node, r=2, pr="one", w="quorum", pw=0, dw="all")
    await store.start(["feeds"])
    node.frames.clear()
    await store.fetch("feeds", "k")
    await store.put("feeds", "k", b"v", None)
    await store.delete("feeds", "k", b"seen")
    await store.close()
    get, put, delete = (frame.body for frame in node.frames)
    assert (RpbGetReq.FromString(get).r, RpbGetReq.FromString(get).pr) == (2, 4294967294)
    written = (RpbPutReq.FromString(put), RpbDelReq.FromString(delete))
    assert [(each.w, each.pw, each.dw) for each in written] == [(4294967293, 0, 4294967292)] * 2


async def test_a_delete_removes_what_its_context_has_seen(node: ScriptedNode, store: RiakStore) -> None:
    await store.delete("feeds", "k", b"seen")
    delete = sent(node, RpbDelReq)
    assert (delete.bucket, delete.key, delete.vclock, delete.type) == (b"feeds", b"k", b"seen", b"notifications")


async def test_a_delete_that_has_seen_nothing_removes_nothing(node: ScriptedNode, store: RiakStore) -> None:
    await store.delete("feeds", "k", None)
    assert node.frames == []


async def test_values_of_another_writer_are_translated(node: ScriptedNode, store: RiakStore) -> None:
    theirs = RpbContent(value=b"theirs", content_type=b"application/x-protobuf")
    replies(node, Code.GET_REQ, Code.GET_RESP, RpbGetResp(content=[theirs, RpbContent(value=b"ours")], vclock=b"c"))
    assert await store.fetch("feeds", "k") == Fetched((b"THEIRS", b"ours"), b"c")


async def test_a_value_that_can_not_be_translated_is_corrupt(node: ScriptedNode, store: RiakStore) -> None:
    broken = RpbContent(value=b"x", content_type=b"text/broken")
    replies(node, Code.GET_REQ, Code.GET_RESP, RpbGetResp(content=[broken], vclock=b"c"))
    with pytest.raises(CorruptValue, match="feeds/k"):
        await store.fetch("feeds", "k")


async def test_keys_come_in_as_many_messages_as_riak_likes(node: ScriptedNode, store: RiakStore) -> None:
    some, more, end = RpbListKeysResp(keys=[b"a", b"b"]), RpbListKeysResp(keys=[b"\xff"]), RpbListKeysResp(done=True)
    stream = b"".join(frame(Code.LIST_KEYS_RESP, each.SerializeToString()) for each in (some, more, end))
    node.script = only(Code.LIST_KEYS_REQ, raw(stream))
    assert await store.keys("feeds") == ["a", "b", "\udcff"]


async def test_a_foreign_key_is_fetched_by_the_name_it_was_listed_under(node: ScriptedNode, store: RiakStore) -> None:
    await store.fetch("feeds", "\udcff")
    assert sent(node, RpbGetReq).key == b"\xff"


async def test_health_tells_of_each_node_by_itself(nodes: list[ScriptedNode], until: Until) -> None:
    nodes[1].script = only(Code.GET_REQ, error("Unknown message code: 9"))
    store = store_on(*nodes)
    await store.start(["feeds"])
    await nodes[2].stop()
    await until_asked(store, nodes[1], until)
    health = await store.health()
    await store.close()
    assert health[nodes[0].name] is None
    assert health[nodes[1].name] == "Unknown message code: 9"
    assert health[nodes[2].name]


async def test_no_answer_in_time_is_unavailable(node: ScriptedNode) -> None:
    client = RiakClient([node.name], options=replace(QUICK, request_timeout=0.2, deadline=0.6))
    store = RiakStore(client)
    await store.start(["feeds"])
    node.script = hang
    with pytest.raises(StoreUnavailable, match="no reply within"):
        await store.fetch("feeds", "k")
    await store.close()


async def test_what_riak_refuses_for_good_is_an_error_of_the_store(node: ScriptedNode, store: RiakStore) -> None:
    node.script = error("{n_val_violation,3}")
    with pytest.raises(StoreError, match="n_val_violation") as raised:
        await store.fetch("feeds", "k")
    assert raised.type is StoreError


async def until_asked(store: RiakStore, node: ScriptedNode, until: Until) -> None:
    while not node.asked[Code.GET_REQ]:
        await store.fetch("feeds", "k")
    await until(lambda: node.asked[Code.GET_REQ] > 1)
