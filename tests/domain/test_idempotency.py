"""Entries that were made under a key."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from notification.domain import footprint
from notification.domain.idempotency import (
    MAX_INDEXED,
    Idempotency,
    KeyIndex,
    idempotency,
    made_under,
    without_repeats,
)
from notification.domain.model import Notification
from notification.domain.payload import decode_notification, encode_notification
from siblings import FEED, WINDOW, Feed
from siblings.ksuid import NO_ID, encode

BODY = ("like", "hello", {"post": "1", "user": "2"})


def made(number: int, hashes: Idempotency | None) -> Notification:
    return Notification(encode(number), *BODY[:2], 0, {}, hashes)


def feed_of(*notifications: Notification) -> Feed:
    return Feed.of(NO_ID, {one.id: encode_notification(one) for one in notifications})


def test_a_body_is_the_same_in_whatever_order_its_properties_come() -> None:
    assert idempotency("key", "like", "hello", {"user": "2", "post": "1"}) == idempotency("key", *BODY)


def test_another_key_and_another_body_have_other_hashes() -> None:
    one, key, body = idempotency("a", *BODY), idempotency("b", *BODY), idempotency("a", "like", "hello", {})
    assert (one.key != key.key, one.body == key.body) == (True, True)
    assert (one.key == body.key, one.body != body.body) == (True, True)


def test_of_the_entries_of_a_key_the_lowest_id_counts() -> None:
    first, second, plain = made(1, idempotency("a", *BODY)), made(3, idempotency("a", *BODY)), made(2, None)
    assert made_under(feed_of(first, plain, second), idempotency("a", *BODY).key) == [first, second]
    assert list(without_repeats([second, plain, first])) == [plain, first]


def test_an_entry_of_another_key_that_holds_its_bytes_is_not_of_the_key() -> None:
    key = idempotency("a", *BODY).key
    odd = made(1, Idempotency(idempotency("b", *BODY).key, key))
    assert made_under(feed_of(odd), key) == []


def test_without_keys_all_count() -> None:
    notifications = [made(2, None), made(1, None)]
    assert without_repeats(notifications) is notifications


def keyed(number: int, key: str) -> bytes:
    return encode_notification(made(number, idempotency(key, *BODY)))


class IndexedFeeds(RuleBasedStateMachine):
    """Versions of feeds that grow from one another, in which keys are searched at any time."""

    feeds = Bundle("feeds")
    numbers = st.integers(1, 30)
    keys = st.sampled_from("abcd")

    @rule(target=feeds)
    def begin(self) -> Feed:
        return Feed()

    @rule(target=feeds, feed=feeds, number=numbers, key=st.none() | keys)
    def add(self, feed: Feed, number: int, key: str | None) -> Feed:
        return feed.add(encode(number), encode_notification(made(number, None)) if key is None else keyed(number, key))

    @rule(target=feeds, feed=feeds, number=numbers)
    def remove(self, feed: Feed, number: int) -> Feed:
        return feed.remove([encode(number)])

    @rule(target=feeds, feed=feeds, number=numbers)
    def clear(self, feed: Feed, number: int) -> Feed:
        return feed.clear(encode(number))

    @rule(target=feeds, one=feeds, other=feeds)
    def merge(self, one: Feed, other: Feed) -> Feed:
        return FEED.merge(one, other)

    @rule(feed=feeds, key=keys)
    def search(self, feed: Feed, key: str) -> None:
        hash_ = idempotency(key, *BODY).key
        all_of_it = [decode_notification(*pair) for pair in reversed(list(feed.live()))]
        assert made_under(feed, hash_) == [one for one in all_of_it if one.idempotency and one.idempotency[0] == hash_]


TestIndexedFeeds = IndexedFeeds.TestCase


def test_the_index_of_a_feed_forgets_keys_that_have_long_left_it() -> None:
    feed = Feed()
    for number in range(1, MAX_INDEXED + WINDOW):
        assert not made_under(feed, idempotency(str(number), *BODY).key)
        feed = feed.add(encode(number), keyed(number, str(number)))
    assert isinstance(feed.notes, KeyIndex)
    assert len(feed.notes.hashes) < MAX_INDEXED


def test_an_index_takes_memory() -> None:
    feed = feed_of(made(1, idempotency("a", *BODY)))
    before = footprint.of_feed(feed)
    made_under(feed, b"")
    assert footprint.of_feed(feed) == before + footprint.KEY
