"""Several replicas write, exchange values in any order, lose and repeat deliveries: all end equal, as a model says.

The model is a set of facts that only grows, so its merge is a union and can't be wrong; what a feed shows is computed
from all the facts anew each time.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from siblings import FEED, WINDOW, Feed
from siblings.ksuid import NO_ID, encode
from tests.siblings.values import BASE

REPLICAS = 3
Fact = tuple[str, bytes | None] | str
replicas = st.integers(0, REPLICAS - 1)
numbers = st.integers(1, 30) | st.integers(1, 1000 * (WINDOW + 1))


def shown(facts: frozenset[Fact]) -> tuple[str, dict[str, bytes | None]]:
    """Floor and slots that these facts amount to. A text is a floor; a pair is a slot."""
    floor = max((fact for fact in facts if isinstance(fact, str)), default=NO_ID)
    kept = [fact for fact in facts if isinstance(fact, tuple) and fact[0] > floor]
    slots = dict(sorted(kept, key=lambda slot: (slot[1] is None, slot[1] or b"")))
    newest_first = sorted(slots, reverse=True)
    return max([floor, *newest_first[WINDOW:]]), {id_: slots[id_] for id_ in newest_first[:WINDOW]}


class Replicas(RuleBasedStateMachine):
    deliveries = Bundle("deliveries")

    @initialize(full=st.booleans())
    def begin(self, full: bool) -> None:
        slots = dict(list(BASE.items())[5:]) if full else {}
        self.feeds = [Feed.of(NO_ID, slots) for _ in range(REPLICAS)]
        self.facts: list[frozenset[Fact]] = [frozenset(slots.items()) for _ in range(REPLICAS)]

    @rule(at=replicas, number=numbers, payload=st.binary(max_size=1))
    def add(self, at: int, number: int, payload: bytes) -> None:
        floor, _ = shown(self.facts[at])
        self.feeds[at] = self.feeds[at].add(encode(number), payload)
        self.facts[at] |= {(encode(number), payload)} if encode(number) > floor else set()

    @rule(at=replicas, removed=st.lists(numbers, max_size=3))
    def remove(self, at: int, removed: list[int]) -> None:
        self.feeds[at] = self.feeds[at].remove(map(encode, removed))
        self.facts[at] |= {(encode(number), None) for number in removed}

    @rule(at=replicas)
    def clear(self, at: int) -> None:
        floor, slots = shown(self.facts[at])
        self.feeds[at] = self.feeds[at].clear()
        self.facts[at] |= {max([floor, *slots])}

    @rule(target=deliveries, at=replicas)
    def send(self, at: int) -> tuple[bytes, frozenset[Fact]]:
        """A sent value may arrive later, several times, anywhere, or never."""
        return FEED.encode(self.feeds[at]), self.facts[at]

    @rule(at=replicas, delivery=deliveries)
    def receive(self, at: int, delivery: tuple[bytes, frozenset[Fact]]) -> None:
        self.feeds[at] = FEED.merge(self.feeds[at], FEED.decode(delivery[0]))
        self.facts[at] |= delivery[1]

    @invariant()
    def every_replica_shows_what_the_model_says(self) -> None:
        for feed, facts in zip(getattr(self, "feeds", []), getattr(self, "facts", []), strict=True):
            floor, slots = shown(facts)
            assert (feed.floor, feed.slots) == (floor, slots)

    def teardown(self) -> None:
        feeds = getattr(self, "feeds", [])
        assert all(FEED.join([feed, *feeds]) == FEED.join(reversed(feeds)) for feed in feeds)


TestReplicas = Replicas.TestCase
TestReplicas.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
