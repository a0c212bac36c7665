"""Realistic notifications for `notification demo`. No IO; equal seeds give equal notifications."""

import random
from collections.abc import Iterator, Mapping
from itertools import accumulate, chain, islice
from typing import Final, NamedTuple

PEOPLE: Final = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Ken", "Leslie", "Margaret", "Radia")
POSTS: Final = ("Holiday pictures", "How we test", "Lunch on Friday?", "My first bread", "On-call notes", "Weekly plan")
TEAMS: Final = ("Design", "Kitchen", "Platform", "Search")


OLDEST: Final = 6 * 24 * 3600.0
"""Maximum age of the start of the first burst, in seconds."""
NEWEST: Final = 2 * 3600.0
"""Minimum age of the start of the last burst, in seconds, so that the whole burst is in the past."""
PAUSE: Final = (30.0, 600.0)
"""Seconds between two notifications of a burst. A burst has at most ten, so it is shorter than `NEWEST`."""

RULES: Final[Mapping[str, tuple[int, str, str | None]]] = {
    "like": (10, "12 hours", "post"),
    "comment": (10, "12 hours", "post"),
    "follow": (10, "2 days", None),
}
"""Roll-up rules for these notifications: `max_size`, `max_duration` and `match_on` by category."""


class Sample(NamedTuple):
    """A notification to send."""

    category: str
    message: str
    properties: dict[str, str]


def samples(count: int, seed: int) -> list[Sample]:
    """Return `count` notifications, oldest first: bursts of likes and comments on one post, and single notifications
    between the bursts.

    Equal seeds give equal notifications. A higher count appends more notifications.
    """
    return [*islice(chain.from_iterable(_bursts(random.Random(seed))), count)]  # noqa: S311  # not used for secrets


def ages(count: int, seed: int) -> list[float]:
    """Return the age of each sample in seconds. Samples are minutes apart within a burst, and hours between bursts."""
    dice = random.Random(f"ages {seed}")  # noqa: S311  # not used for secrets
    sizes = [*_sizes(count, seed)]
    begins = sorted((dice.uniform(NEWEST, OLDEST) for _ in sizes), reverse=True)
    all_ages: list[float] = []
    for age, size in zip(begins, sizes, strict=True):
        pauses = [0.0, *(dice.uniform(*PAUSE) for _ in range(size - 1))]
        all_ages += [age - passed for passed in accumulate(pauses)]
    return all_ages


def _sizes(count: int, seed: int) -> Iterator[int]:
    """Yield the number of samples in each burst."""
    for burst in _bursts(random.Random(seed)):  # noqa: S311  # not used for secrets
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
