"""Notifications and rules to test with."""

from hypothesis import strategies as st

from notification.domain.duration import Duration
from notification.domain.model import Notification, Rule
from notification.domain.ranges import Range, ViewToken
from siblings.ksuid import encode
from tests.siblings.values import ids

MINUTE = 60_000


def notification(number: int, category: str = "like", minutes: float = 0, **properties: str) -> Notification:
    """The one with id `number`, made so many minutes after the first."""
    return Notification(encode(number), category, f"message {number}", int(minutes * MINUTE), properties)


@st.composite
def notifications(draw: st.DrawFn, max_size: int = 40) -> list[Notification]:
    """Newest first, of few categories and properties, so that they meet in groups."""
    count = draw(st.integers(0, max_size))
    made = []
    for number in range(count, 0, -1):
        minutes = number * 5 + draw(st.integers(-7, 7))
        properties = draw(
            st.dictionaries(st.sampled_from(["post", "user"]), st.sampled_from(["1", "2", ""]), max_size=2)
        )
        made.append(
            notification(10 * number, draw(st.sampled_from(["like", "comment", "follow"])), minutes, **properties)
        )
    return made


rules = st.dictionaries(
    st.sampled_from(["like", "comment", "share"]),
    st.builds(
        Rule,
        st.none() | st.integers(1, 4),
        st.none() | st.builds(Duration, st.integers(0, 40), st.just("minute")),
        st.none() | st.sampled_from(["post", "user"]),
    ),
)

view_tokens = st.builds(
    ViewToken,
    ids,
    st.just("") | ids,
    st.none() | st.dictionaries(st.from_regex(r"[0-9a-f]{10}", fullmatch=True), ids, max_size=3),
)
ranges = st.builds(
    lambda start, open_, stop, close, limit, frozen: Range(
        start, start is None or open_, stop, stop is None or close, limit, frozen
    ),
    st.none() | ids, st.booleans(), st.none() | ids, st.booleans(), st.integers(1, 1000), st.none() | view_tokens,
)  # fmt: skip
