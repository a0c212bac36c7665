"""Notifications as a product would make them, to look at. No IO, and no randomness of its own."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

PEOPLE: Final = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Ken", "Leslie", "Margaret", "Radia")
POSTS: Final = ("Holiday pictures", "How we test", "Lunch on Friday?", "My first bread", "On-call notes", "Weekly plan")
TEAMS: Final = ("Design", "Kitchen", "Platform", "Search")


class Sample(NamedTuple):
    """What to send."""

    category: str
    message: str
    properties: dict[str, str]


def samples(count: int, dice: random.Random) -> Iterator[Sample]:
    """So many notifications, oldest first: bursts of likes and comments on one post, and other things in between."""
    while count > 0:
        burst = list(_burst(dice))[:count]
        yield from burst
        count -= len(burst)


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
