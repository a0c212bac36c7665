"""Micro-benchmarks with pytest-benchmark: `make micro`."""

from typing import Any

import pytest

from benchmarks.feeds import CATEGORIES, make_feed
from notification.domain.feed_view import FeedView
from notification.domain.model import Rule
from notification.domain.ranges import Range
from notification.domain.rollup import roll_up
from notification.domain.timeline import timeline
from notification.http.range_header import parse_range
from siblings import FEED, Feed
from siblings.ksuid import NO_ID, next_id

FULL = make_feed(1500, seed=1)
IDS = list(FULL.slots)
HALF_IN_COMMON = (
    Feed(NO_ID, {id_: FULL.slots[id_] for number, id_ in enumerate(IDS) if number % 3 != 0}),
    Feed(NO_ID, {id_: FULL.slots[id_] for number, id_ in enumerate(IDS) if number % 3 != 1}),
)
THOUSAND = Feed(NO_ID, dict(list(FULL.slots.items())[-1000:]))
ENCODED = FEED.encode(THOUSAND)
RULES = {CATEGORIES[0]: Rule(max_size=10), CATEGORIES[1]: Rule(match_on="post")}


def test_merge_of_two_siblings_of_1000_with_half_in_common(benchmark: Any) -> None:
    assert len(benchmark(FEED.merge, *HALF_IN_COMMON).slots) == 1000


def test_add_to_a_feed_of_1000(benchmark: Any) -> None:
    id_ = next_id(2_000_000_000_000_000_000, bytes(14), THOUSAND.newest)
    assert len(benchmark(THOUSAND.add, id_, b"payload").slots) == 1000


def test_encode_1000(benchmark: Any) -> None:
    assert benchmark(FEED.encode, THOUSAND) == ENCODED


def test_decode_1000(benchmark: Any) -> None:
    assert benchmark(FEED.decode, ENCODED) == THOUSAND


def test_view_of_1000(benchmark: Any) -> None:
    assert len(benchmark(FeedView.of, THOUSAND, NO_ID, RULES).notifications) == 1000


@pytest.fixture(scope="module")
def view() -> FeedView:
    return FeedView.of(THOUSAND, NO_ID, RULES)


def test_roll_up_of_1000(benchmark: Any, view: FeedView) -> None:
    assert benchmark(roll_up, view.notifications, RULES)


def test_timeline_of_1000(benchmark: Any, view: FeedView) -> None:
    assert benchmark(timeline, view.notifications, IDS[-500], RULES)


def test_range_header(benchmark: Any) -> None:
    header = f"id ]{IDS[5]}..; max=20; seen={IDS[1]}; top={IDS[9]}"
    assert isinstance(benchmark(parse_range, header), Range)
