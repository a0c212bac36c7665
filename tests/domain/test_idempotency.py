"""Entries that were made under a key."""

from notification.domain.idempotency import Idempotency, idempotency, made_under, without_repeats
from notification.domain.model import Notification
from notification.domain.payload import encode_notification
from siblings import Feed
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
