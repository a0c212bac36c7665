"""The life cycle of a node, row by row, and how long it is left alone."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import product
from typing import Final

import pytest

from notification.riak.dial import dialer
from notification.riak.errors import NodeUnavailable, RiakErrorResponse
from notification.riak.health import TRANSITIONS, Event, Health, State
from notification.riak.messages import Code, Frame, ignore_body, make_call
from notification.riak.node import Node
from notification.riak.options import Address, Options
from tests.riak.conftest import Until
from tests.riak.scripted_node import Peer, ScriptedNode, answer, error

DRIVERS: Final[Mapping[Event, Callable[[Health], object]]] = {
    Event.REQUEST_FAILED: lambda node: node.failed(node.generation, "refused"),
    Event.PROBE_BEGAN: Health.probe_began,
    Event.PROBE_SUCCEEDED: Health.probe_succeeded,
    Event.PROBE_FAILED: lambda node: node.probe_failed("refused"),
    Event.ADMITTED: Health.admitted,
}

WAY: Final = (Event.REQUEST_FAILED, Event.PROBE_BEGAN, Event.PROBE_SUCCEEDED)
"""Leads through all states, from `USED` to `ADMITTING`."""


def health() -> Health:
    return Health(first=0.1, longest=2.0, random=lambda: 0.5)


def health_in(state: State) -> Health:
    node = health()
    for event in WAY:
        if node.state is not state:
            DRIVERS[event](node)
    return node


def fails(node: Health) -> bool:
    return node.failed(node.generation, "refused")


def fails_a_probe(node: Health) -> None:
    node.probe_began()
    node.probe_failed("refused")


def comes_back(node: Health) -> None:
    node.probe_began()
    node.probe_succeeded()
    node.admitted()


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)), ids=lambda value: value.name)
def test_every_state_and_event_follow_the_table(state: State, event: Event) -> None:
    node = health_in(state)
    assert node.state is state
    before = (node.up, node.reason, node.generation)
    DRIVERS[event](node)
    after = TRANSITIONS.get((state, event))
    assert node.state is (after or state)
    assert node.up is (node.state is State.USED)
    assert (node.reason is None) is node.up
    assert after or (node.up, node.reason, node.generation) == before


def test_every_state_is_reached_and_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(TRANSITIONS.values()) == set(State)


async def test_a_real_node_goes_through_every_state(node: ScriptedNode, until: Until) -> None:
    may_answer, may_admit = asyncio.Event(), asyncio.Event()

    async def gated(request: Frame, peer: Peer) -> None:
        await may_answer.wait()
        await answer(request, peer)

    async def admit(_name: str) -> None:
        await may_admit.wait()

    limits = Options(request_timeout=20.0)
    health = Health(0.01, 0.01, lambda: 0.5)
    target = Node(node.name, dialer(Address("127.0.0.1", node.port), limits), limits, health, admit)
    node.script = error("overload")
    with pytest.raises(RiakErrorResponse, match="overload"):
        await target.request(make_call(Code.PING_REQ, None, Code.PING_RESP, ignore_body))
    await until(lambda: health.state is State.OUT)
    node.script = gated
    await until(lambda: health.state is State.PROBING)
    may_answer.set()
    await until(lambda: health.state is State.ADMITTING)
    may_admit.set()
    await until(lambda: health.state is State.USED)
    await target.close()


async def test_a_real_node_that_is_not_admitted_is_out_and_probed_again(node: ScriptedNode, until: Until) -> None:
    refusals = iter([NodeUnavailable("not yet"), NodeUnavailable("not yet")])

    async def admit(_name: str) -> None:
        for refusal in refusals:
            raise refusal

    health = Health(0.01, 0.01, lambda: 0.5)
    target = Node(node.name, dialer(Address("127.0.0.1", node.port), Options()), Options(), health, admit)
    node.script = error("overload")
    with pytest.raises(RiakErrorResponse, match="overload"):
        await target.request(make_call(Code.PING_REQ, None, Code.PING_RESP, ignore_body))
    node.script = answer
    await until(lambda: health.up)
    assert (health.reason, node.asked[Code.GET_REQ]) == (None, 3)
    await target.close()


def test_one_failure_takes_it_out_and_says_why() -> None:
    node = health()
    assert (fails(node), node.up, node.reason) == (True, False, "refused")


def test_a_hundred_failures_at_once_are_one() -> None:
    node = health()
    assert [fails(node) for _ in range(100)].count(True) == 1
    assert node.pause() == 0.05


def test_a_failure_of_an_earlier_generation_changes_nothing() -> None:
    node = health()
    before = node.generation
    fails(node)
    comes_back(node)
    assert (node.failed(before, "too late"), node.up) == (False, True)


def test_its_pauses_double_up_to_the_maximum() -> None:
    node = health()
    fails(node)
    pauses = []
    for _ in range(7):
        pauses.append(node.pause())
        fails_a_probe(node)
    assert pauses == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


def test_it_is_left_alone_for_longer_if_it_answers_probes_and_fails_requests() -> None:
    node = health()
    fails(node)
    comes_back(node)
    fails(node)
    assert node.pause() == pytest.approx(0.1)


def test_a_successful_request_resets_the_pauses() -> None:
    node = health()
    for _ in range(5):
        fails(node)
        comes_back(node)
    node.succeeded()
    fails(node)
    assert node.pause() == pytest.approx(0.05)


def test_years_of_failures_are_no_overflow() -> None:
    node = health()
    fails(node)
    for _ in range(5000):
        fails_a_probe(node)
    assert node.pause() == 1.0
