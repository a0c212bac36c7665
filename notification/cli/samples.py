"""Notifications as a product would make them, to look at. No IO, and no randomness of its own."""

import random
from collections.abc import Iterator, Mapping
from itertools import accumulate, chain, islice
from typing import Final, NamedTuple

PEOPLE: Final = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Ken", "Leslie", "Margaret", "Radia")
POSTS: Final = ("Holiday pictures", "How we test", "Lunch on Friday?", "My first bread", "On-call notes", "Weekly plan")
TEAMS: Final = ("Design", "Kitchen", "Platform", "Search")


OLDEST: Final = 6 * 24 * 3600.0
"""Seconds: when the first burst begins, at the earliest."""
NEWEST: Final = 2 * 3600.0
"""Seconds: when the last one begins, at the latest, so that all of it is in the past."""
PAUSE: Final = (30.0, 600.0)
"""Seconds between two of one burst, which has at most ten: in all less than `NEWEST`."""

RULES: Final[Mapping[str, tuple[int, str, str | None]]] = {
    "like": (10, "12 hours", "post"),
    "comment": (10, "12 hours", "post"),
    "follow": (10, "2 days", None),
}
"""Roll-up rules that fit: `max_size`, `max_duration` and `match_on` by category."""


class Sample(NamedTuple):
    """What to send."""

    category: str
    message: str
    properties: dict[str, str]


def samples(count: int, seed: int) -> list[Sample]:
    """So many notifications, oldest first: bursts of likes and comments on one post, and other things in between.

    Equal seeds give equal ones; a greater count adds to the end.
    """
    return [*islice(chain.from_iterable(_bursts(random.Random(seed))), count)]  # noqa: S311  # it makes stories, no secrets


def ages(count: int, seed: int) -> list[float]:
    """How many seconds ago each of as many samples was made: minutes lie within a burst, hours between two."""
    dice = random.Random(f"ages {seed}")  # noqa: S311  # it makes stories, no secrets
    sizes = [*_sizes(count, seed)]
    begins = sorted((dice.uniform(NEWEST, OLDEST) for _ in sizes), reverse=True)
    made: list[float] = []
    for age, size in zip(begins, sizes, strict=True):
        pauses = [0.0, *(dice.uniform(*PAUSE) for _ in range(size - 1))]
        made += [age - passed for passed in accumulate(pauses)]
    return made


def _sizes(count: int, seed: int) -> Iterator[int]:
    """How many samples each burst has."""
    for burst in _bursts(random.Random(seed)):  # noqa: S311  # it makes stories, no secrets
        yield min(len(burst), count)
        count -= len(burst)
        if count <= 0:
            return


def _bursts(dice: random.Random) -> Iterator[list[Sample]]:
    while True:
        yield [*_burst(dice)]


def _burst(dice: random.Random) -> Iterator[Sample]:
    if dice.random() < 0.4:
        yield _single(dice)
        return
    number = dice.randrange(len(POSTS))
    post = {"post": str(100 + number)}
    for person in dice.sample(PEOPLE, dice.randint(1, 5)):
        by = {**post, "by": person.lower()}
        yield Sample("like", f"{person} liked your post “{POSTS[number]}”", by)
        if dice.random() < 0.3:
            yield Sample("comment", f"{person} commented on “{POSTS[number]}”", by)


def _single(dice: random.Random) -> Sample:
    person, team = dice.choice(PEOPLE), dice.choice(TEAMS)
    return dice.choice(
        [
            Sample("follow", f"{person} follows you now", {"by": person.lower()}),
            Sample("mention", f"{person} mentioned you in “{dice.choice(POSTS)}”", {"by": person.lower()}),
            Sample("invitation", f"{person} invited you to the team {team}", {"by": person.lower(), "team": team}),
            Sample("reminder", f"The meeting of {team} begins in 10 minutes", {"team": team}),
        ]
    )
