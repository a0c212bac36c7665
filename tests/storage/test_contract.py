"""What every store must do. Each test uses new keys, so that it can run on a store that is in use."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from notification.storage.store import Context, Fetched, Store

BUCKET = "contract"
OpenStore = Callable[[], Awaitable[Store]]


@pytest.fixture
def key() -> str:
    return f"key-{uuid4()}"


async def values(store: Store, key: str) -> list[bytes]:
    return sorted((await fetch(store, key)).values)


async def fetch(store: Store, key: str) -> Fetched:
    fetched = await store.fetch(BUCKET, key)
    assert fetched is not None
    return fetched


async def put(store: Store, key: str, value: bytes, context: Context | None = None) -> Context:
    """Put a value and check that the key has no siblings. Return the context."""
    stored = await store.put(BUCKET, key, value, context)
    assert stored.siblings == 1
    assert stored.context is not None
    return stored.context


async def test_a_key_never_written_has_no_values(store: Store, key: str) -> None:
    assert await values(store, key) == []


async def test_a_key_never_written_is_unchanged_until_it_is_written(store: Store, key: str) -> None:
    before = await fetch(store, key)
    again = await store.fetch(BUCKET, key, before.context)
    assert again in (None, before)
    await put(store, key, b"one", before.context)
    changed = await store.fetch(BUCKET, key, before.context)
    assert changed is not None
    assert changed.values == (b"one",)
    await store.delete(BUCKET, key, changed.context)
    assert await values(store, key) == []


async def test_a_value_comes_back_as_it_was_put(store: Store, key: str) -> None:
    value = bytes(range(256)) * 500
    await put(store, key, value)
    assert await values(store, key) == [value]


async def test_an_empty_value_is_a_value(store: Store, key: str) -> None:
    await put(store, key, b"")
    assert await values(store, key) == [b""]


async def test_keys_and_buckets_do_not_mix(store: Store, key: str) -> None:
    await put(store, key, b"here")
    for fetched in (await store.fetch(BUCKET, key + "x"), await store.fetch(BUCKET + "x", key)):
        assert fetched is not None
        assert fetched.values == ()


async def test_a_put_with_the_context_of_a_put_replaces_it(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    context = await put(store, key, b"two", context)
    await put(store, key, b"three", context)
    assert await values(store, key) == [b"three"]


async def test_a_put_without_context_leaves_siblings_and_gives_none(store: Store, key: str) -> None:
    await put(store, key, b"one")
    stored = await store.put(BUCKET, key, b"two", None)
    assert (stored.context, stored.siblings) == (None, 2)
    assert await values(store, key) == [b"one", b"two"]


async def test_two_puts_from_the_same_context_are_siblings(store: Store, key: str) -> None:
    context = await put(store, key, b"base")
    await put(store, key, b"left", context)
    assert (await store.put(BUCKET, key, b"right", context)).siblings == 2
    assert await values(store, key) == [b"left", b"right"]


async def test_a_put_with_the_context_of_a_fetch_replaces_all_it_has_seen(store: Store, key: str) -> None:
    for value in (b"one", b"two", b"three"):
        await store.put(BUCKET, key, value, None)
    await put(store, key, b"merged", (await fetch(store, key)).context)
    assert await values(store, key) == [b"merged"]


async def test_a_put_keeps_what_its_context_has_not_seen(store: Store, key: str) -> None:
    await store.put(BUCKET, key, b"seen", None)
    context = (await fetch(store, key)).context
    await store.put(BUCKET, key, b"unseen", None)
    assert (await store.put(BUCKET, key, b"new", context)).siblings >= 2
    assert {b"new", b"unseen"} <= set(await values(store, key)), (
        "more may be kept (Riak without a bucket type), not less"
    )


async def test_a_put_beside_replaces_nothing(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    stored = await store.put(BUCKET, key, b"two", context, as_sibling=True)
    assert stored.siblings == 2
    assert await values(store, key) == [b"one", b"two"]


async def test_a_context_after_a_put_beside_covers_all_that_its_writer_knew(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    stored = await store.put(BUCKET, key, b"two", context, as_sibling=True)
    await put(store, key, b"folded", stored.context or (await fetch(store, key)).context)
    assert await values(store, key) == [b"folded"]


async def test_a_put_beside_what_its_writer_does_not_know_gives_no_context(open_store: OpenStore, key: str) -> None:
    one, other = await open_store(), await open_store()
    context = await put(one, key, b"one")
    await put(other, key, b"two", context)
    assert (await one.put(BUCKET, key, b"three", context, as_sibling=True)).context is None
    assert await values(one, key) == [b"three", b"two"]


async def test_a_fetch_unless_written_brings_nothing_while_nothing_is_written(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    assert await store.fetch(BUCKET, key, context) is None
    assert await store.fetch(BUCKET, key, (await fetch(store, key)).context) is None


async def test_a_fetch_unless_written_brings_what_another_one_wrote(open_store: OpenStore, key: str) -> None:
    one, other = await open_store(), await open_store()
    context = await put(one, key, b"one")
    await put(other, key, b"two", context)
    fetched = await one.fetch(BUCKET, key, context)
    assert fetched is not None
    assert fetched.values == (b"two",)


async def test_a_fetch_unless_written_notices_a_sibling(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    await store.put(BUCKET, key, b"two", None)
    fetched = await store.fetch(BUCKET, key, context)
    assert fetched is not None
    assert sorted(fetched.values) == [b"one", b"two"]


async def test_a_fetch_unless_written_notices_a_deletion(store: Store, key: str) -> None:
    context = await put(store, key, b"one")
    await store.delete(BUCKET, key, context)
    fetched = await store.fetch(BUCKET, key, context)
    assert fetched is not None
    assert fetched.values == ()


async def test_a_deleted_key_has_no_values(store: Store, key: str) -> None:
    await store.delete(BUCKET, key, await put(store, key, b"one"))
    assert await values(store, key) == []


async def test_deleting_what_is_not_there_is_no_error(store: Store, key: str) -> None:
    await store.delete(BUCKET, key, None)


async def test_a_delete_keeps_what_its_context_has_not_seen(store: Store, key: str) -> None:
    context = await put(store, key, b"seen")
    await store.put(BUCKET, key, b"unseen", None)
    await store.delete(BUCKET, key, context)
    assert b"unseen" in await values(store, key)


async def test_a_key_can_be_written_again_after_it_was_deleted(store: Store, key: str) -> None:
    await store.delete(BUCKET, key, await put(store, key, b"one"))
    await put(store, key, b"again", (await fetch(store, key)).context)
    assert await values(store, key) == [b"again"]


async def test_a_put_with_a_context_older_than_a_deletion_is_kept(store: Store, key: str) -> None:
    old = await put(store, key, b"one")
    await store.delete(BUCKET, key, old)
    await store.put(BUCKET, key, b"late", old)
    assert await values(store, key) == [b"late"]


async def test_every_concurrent_put_without_context_is_a_sibling(open_store: OpenStore, key: str) -> None:
    stores = [await open_store() for _ in range(3)]
    puts = [stores[n % 3].put(BUCKET, key, b"%d" % n, None) for n in range(30)]
    await asyncio.gather(*puts)
    assert await values(stores[0], key) == sorted(b"%d" % n for n in range(30))


async def test_siblings_are_told_until_a_put_has_seen_them_all(open_store: OpenStore, key: str) -> None:
    one, other = await open_store(), await open_store()
    context = await put(one, key, b"one")
    await asyncio.gather(one.put(BUCKET, key, b"a", context), other.put(BUCKET, key, b"b", context))
    stored = await one.put(BUCKET, key, b"merged", (await fetch(one, key)).context)
    assert stored.siblings == 1
    assert await values(other, key) == [b"merged"]


async def test_keys_lists_every_key_of_a_bucket(store: Store, key: str) -> None:
    for number in range(3):
        await put(store, f"{key}-{number}", b"")
    assert {f"{key}-{number}" for number in range(3)} <= set(await store.keys(BUCKET))
    assert key not in await store.keys(BUCKET)


async def test_a_store_in_good_health_says_so_of_each_part(store: Store) -> None:
    health = await store.health()
    assert health
    assert set(health.values()) == {None}
