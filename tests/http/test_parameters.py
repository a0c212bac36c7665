"""Which query parameters and headers are accepted, and which are refused."""

import pytest

from notification.domain.errors import Malformed
from notification.http.parameters import check_key, parse_flag, parse_ids
from siblings.ksuid import encode


def test_ids_are_taken_from_lists_and_what_is_none_is_left_out() -> None:
    assert parse_ids([f"{encode(1)}, {encode(2)},nonsense,", encode(3)]) == [encode(1), encode(2), encode(3)]


def test_more_ids_than_a_window_are_refused() -> None:
    with pytest.raises(Malformed):
        parse_ids([",".join(["x"] * 1001)])


@pytest.mark.parametrize("key", [None, " ", "k" * 255])
def test_keys_are_given_back(key: str | None) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb"])
def test_keys_that_can_not_be_are_refused(key: str) -> None:
    with pytest.raises(Malformed):
        check_key(key)


@pytest.mark.parametrize(("text", "flag"), [(None, False), ("false", False), ("true", True)])
def test_flags_are_true_or_false(text: str | None, flag: bool) -> None:
    assert parse_flag("peek", text) is flag


@pytest.mark.parametrize("text", ["", "1", "True"])
def test_other_flags_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_flag("peek", text)
