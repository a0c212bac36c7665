"""Estimates of memory grow with what they estimate, and never change for an equal value."""

from hypothesis import given
from hypothesis import strategies as st

from notification.domain import footprint
from siblings import Cursor, Feed, RuleMap
from siblings.ksuid import NO_ID, encode
from siblings.rule_map import Entry


@given(text=st.text(st.characters(blacklist_categories=["Cs"])))
def test_a_longer_text_takes_more(text: str) -> None:
    assert footprint.of_text(text + "x") > footprint.of_text(text) > 0
    assert footprint.of_text(text) == footprint.of_text(str(text.encode(), "utf-8"))


@given(sizes=st.lists(st.integers(0, 500), max_size=20))
def test_a_feed_takes_its_payloads_and_its_slots(sizes: list[int]) -> None:
    feed = Feed(NO_ID, {encode(number): bytes(size) for number, size in enumerate(sizes, 1)})
    removed = Feed(NO_ID, {id_: None for id_ in feed.slots})  # noqa: C420  # a dictionary that grew in the same way
    assert footprint.of_feed(feed) == footprint.of_feed(removed) + sum(size + footprint.BYTES for size in sizes)


def test_a_cursor_takes_its_key_and_its_value() -> None:
    shorter, longer = Cursor("a-notifications", encode(1)), Cursor("ada-notifications", encode(1))
    assert footprint.of_cursor(longer) == footprint.of_cursor(shorter) + 2


def test_a_rule_map_takes_its_rules() -> None:
    with_rule = RuleMap(NO_ID, {"like": Entry(encode(1), bytes(100))})
    removed = RuleMap(NO_ID, {"like": Entry(encode(1), None)})
    assert footprint.of_rule_map(with_rule) == footprint.of_rule_map(removed) + 100
