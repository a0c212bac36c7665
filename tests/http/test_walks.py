"""Walk through all pages while another client creates and removes notifications."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from tests.http.conftest import Client, OpenClient

RULES = """
rules:
  like: {max_size: 3}
  comment: {match_on: post}
"""


def shown(items: Any) -> list[str]:
    return [one["id"] for item in items for one in (item, *item.get("notifications", []))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rules", ["", RULES], ids=["no rules", "rules"])
async def test_each_notification_of_the_first_view_is_shown_once(
    open_client: OpenClient, rules: str, seed: int
) -> None:
    dice = random.Random(seed)
    reader, writer = await open_client(rules), await open_client(rules)
    view = [await post(writer, dice) for _ in range(150)]
    walked: Counter[str] = Counter()
    unwalked_when_removed: set[str] = set()
    wanted: str | None = "id; max=7"
    while wanted:
        reply = await reader.page(wanted)
        walked.update(shown(await reply.json()))
        wanted = reply.headers.get("Next-Range")
        gone = dice.sample(view, 3)
        unwalked_when_removed |= set(gone) - walked.keys()
        await asyncio.gather(writer.remove(*gone), *(post(writer, dice) for _ in range(3)))
    assert set(walked) == set(view) - unwalked_when_removed
    assert set(walked.values()) == {1}


async def post(client: Client, dice: random.Random) -> str:
    category = dice.choice(["like", "comment", "follow"])
    return await client.post(
        category=category, properties={"post": str(dice.randrange(4))} if dice.random() < 0.8 else {}
    )
