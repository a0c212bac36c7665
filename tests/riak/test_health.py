"""When a node is out, and for how long it is left alone."""

import pytest

from notification.riak.health import Health


def health() -> Health:
    return Health(first=0.1, longest=2.0, random=lambda: 0.5)


def fails(node: Health) -> bool:
    return node.failed(node.era, "refused")


def test_one_failure_takes_it_out_and_says_why() -> None:
    node = health()
    assert (fails(node), node.up, node.reason) == (True, False, "refused")


def test_a_hundred_failures_at_once_are_one() -> None:
    node = health()
    assert [fails(node) for _ in range(100)].count(True) == 1
    assert node.pause() == 0.05


def test_what_was_sent_before_it_came_back_says_nothing_about_it_now() -> None:
    node = health()
    before = node.era
    fails(node)
    node.back()
    assert (node.failed(before, "too late"), node.up) == (False, True)


def test_its_pauses_double_up_to_the_longest() -> None:
    node = health()
    fails(node)
    pauses = []
    for _ in range(7):
        pauses.append(node.pause())
        node.still_out("refused")
    assert pauses == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


def test_it_is_left_alone_for_longer_where_it_answers_probes_and_fails_requests() -> None:
    node = health()
    fails(node)
    node.back()
    fails(node)
    assert node.pause() == pytest.approx(0.1)


def test_a_request_that_works_makes_up_for_everything() -> None:
    node = health()
    for _ in range(5):
        fails(node)
        node.back()
    node.worked()
    fails(node)
    assert node.pause() == pytest.approx(0.05)


def test_years_of_failures_are_no_overflow() -> None:
    node = health()
    fails(node)
    for _ in range(5000):
        node.still_out("refused")
    assert node.pause() == 1.0
