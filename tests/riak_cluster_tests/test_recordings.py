"""Every recorded scenario, played against the stand-in."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.expecting import until
from tests.riak_cluster_tests.recordings import Replay, Scenario, Step, outcome, scenarios
from tests.riak_standin.members import Timing


async def part(cluster: RiakCluster) -> None:
    cluster.part([[0], [1, 2]])


async def heal(cluster: RiakCluster) -> None:
    cluster.heal()
    await cluster.settled()


async def starting(cluster: RiakCluster) -> None:
    cluster.starting(2)


async def up(cluster: RiakCluster) -> None:
    cluster.behave(2)


BEFORE: dict[tuple[str, int], Callable[[RiakCluster], Awaitable[None]]] = {
    ("node-starting", 0): starting,
    ("node-starting", 1): up,
    ("partition", 3): part,  # the first step after which the two sides differ
    ("partition", 10): heal,  # the first one that sees both sides' values
}

IN_TIME = {("bucket-properties", 4)}
"""Steps whose recorded answer a node gives after a while: the second reading of properties that travel by gossip."""


async def check(replay: Replay, step: Step) -> None:
    answers = await replay.answers(step)
    assert [outcome(answer) for answer in answers] == [outcome(response) for response in step.responses]


async def check_in_time(replay: Replay, step: Step) -> None:
    async def as_recorded() -> bool:
        return [outcome(answer) for answer in await replay.answers(step)] == [*map(outcome, step.responses)]

    await until(as_recorded)


@pytest.mark.parametrize("scenario", list(scenarios()), ids=lambda scenario: scenario.name)
async def test_a_recorded_scenario_has_its_recorded_outcome(scenario: Scenario) -> None:
    secured = scenario.name.startswith("security")
    async with AsyncExitStack() as stack:
        made = RiakCluster(3, bucket_types={"feeds": {}}, timing=Timing(), security=secured)
        cluster = await stack.enter_async_context(made)
        replay = await stack.enter_async_context(Replay(cluster))
        for number, step in enumerate(scenario.steps):
            if (scenario.name, number) in BEFORE:
                await BEFORE[scenario.name, number](cluster)
            await (check_in_time if (scenario.name, number) in IN_TIME else check)(replay, step)


def test_the_recordings_hold_every_scenario_that_this_expects() -> None:
    lengths = {scenario.name: len(scenario.steps) for scenario in scenarios()}
    assert all(number < lengths[name] for name, number in {**BEFORE, **dict.fromkeys(IN_TIME)})
