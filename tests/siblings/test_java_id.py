"""Ids of the Java service: recorded ones have the right second, and no id can be taken for one of the other kind."""

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siblings.java_id import YEAR_2050, from_ksuid, to_ksuid
from siblings.ksuid import EPOCH, MAX_ID, MIN_ID, decode, encode, is_id

RECORDINGS = json.loads((Path(__file__).parent.parent / "java/recordings.json").read_text())
CREATED = [each for feed in RECORDINGS["feeds"].values() for each in feed["created"]]
BEFORE_2050 = st.integers(0, (YEAR_2050 - EPOCH << 128) - 1).map(encode)
TEXTS = st.text("ABCIJKLMNZabcdyz0123456789", min_size=27, max_size=27)
MANY = 1_000_000


def seconds(id_: str) -> int:
    return EPOCH + (decode(id_) >> 128)


@pytest.mark.parametrize("created", CREATED, ids=lambda each: each["id"])
def test_a_recorded_id_has_the_second_in_which_it_was_made(created: dict[str, str]) -> None:
    made = datetime.fromisoformat(created["created_at"][:19]).replace(tzinfo=UTC)
    assert seconds(to_ksuid(created["id"])) == made.timestamp()
    assert from_ksuid(to_ksuid(created["id"])) == created["id"]


@given(BEFORE_2050)
def test_a_ksuid_is_never_translated(id_: str) -> None:
    assert to_ksuid(id_) == id_


@given(BEFORE_2050)
def test_an_id_of_the_java_service_is_always_translated_and_back_again(id_: str) -> None:
    theirs = from_ksuid(id_)
    ours = to_ksuid(theirs)
    assert (len(theirs), seconds(ours)) == (27, seconds(id_))
    assert from_ksuid(ours) == theirs
    if "9" not in theirs:
        assert ours == id_


@given(TEXTS | st.text())
def test_it_is_total_and_repeating_it_changes_nothing(text: str) -> None:
    once = to_ksuid(text)
    assert to_ksuid(once) == once
    if once != text:
        assert (is_id(once), from_ksuid(once), seconds(once) < YEAR_2050) == (True, text, True)


@pytest.mark.parametrize(
    "text",
    ["", MIN_ID, MAX_ID, "F5M5rs3ZthJfruEIk9AfKhxpPZ", "F5M5rs3ZthJfruEIk9DfKhxpPZH", "F5M5rs3ZthJfruEIk9AfKhxpPZ\n",
     "F5M5r7Wasr4nFZx8pPt13OUpVCB", "z5M5r7Wasr4nFZx8pPt13OUpVC8", "\uff265M5r7Wasr4nFZx8pPt13OUpVC8"],
)  # fmt: skip
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert to_ksuid(text) == text


def test_what_is_no_ksuid_has_no_text_of_the_java_service() -> None:
    with pytest.raises(ValueError, match="not a KSUID"):
        from_ksuid("z" * 27)


@pytest.mark.long
def test_a_million_ids_of_each_kind_are_told_apart_and_stay_distinct() -> None:
    random = Random(1)
    second = 1_795_524_526 - EPOCH  # all of one second, so that only the random bytes keep them apart
    numbers = {second << 128 | random.getrandbits(128) for _ in range(MANY // 2)}
    numbers |= {random.randrange(YEAR_2050 - EPOCH << 128) for _ in range(MANY // 2)}
    ids = list(map(encode, numbers))
    assert all(to_ksuid(id_) == id_ for id_ in ids)
    theirs = set(map(from_ksuid, ids))
    translated = {to_ksuid(text) for text in theirs}
    assert not translated & theirs
    assert len(translated) == len(theirs) >= len(ids) - 1
