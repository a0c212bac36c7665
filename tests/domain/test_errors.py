"""What exceptions say, and what is known of writes that failed."""

import pytest

from notification.domain.errors import (
    ConfigError,
    CorruptValue,
    NotStored,
    Outcome,
    StoreError,
    StoreFull,
    StoreMisconfigured,
    StoreUnavailable,
    Unread,
    after_a_write,
    uncertain,
)


def test_a_configuration_error_keeps_every_reason() -> None:
    error = ConfigError(["line 1: one", "line 2: two"])
    assert error.reasons == ("line 1: one", "line 2: two")
    assert str(error) == "line 1: one\nline 2: two"


def test_a_corrupt_value_says_how_to_look_at_it() -> None:
    error = CorruptValue("cursors", "a user's")
    assert (error.bucket, error.key) == ("cursors", "a user's")
    assert str(error).endswith("""notification inspect CONFIG cursors 'a user'"'"'s'""")


@pytest.mark.parametrize("failure", [Unread("x"), NotStored("x"), StoreFull("x"), StoreUnavailable("x")])
def test_after_a_write_nothing_is_certain(failure: StoreUnavailable) -> None:
    with pytest.raises(StoreUnavailable) as raised, after_a_write():
        raise failure
    assert raised.value.outcome is Outcome.UNKNOWN
    assert str(raised.value) == "x"
    assert uncertain(failure).outcome is Outcome.UNKNOWN


def test_after_a_write_other_failures_stay_what_they_are() -> None:
    failure: StoreError = StoreMisconfigured("x")
    with pytest.raises(StoreMisconfigured) as raised, after_a_write():
        raise failure
    assert raised.value is failure


def test_a_block_after_a_write_that_succeeds_raises_nothing() -> None:
    with after_a_write():
        pass
