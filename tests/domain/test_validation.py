"""What clients may send, and that every reason is told."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notification.domain.content import Content, check_content, valid_content
from notification.domain.drafts import (
    MAX_PROPERTIES,
    MAX_PROPERTY_BYTES,
    CursorDraft,
    Draft,
    JsonFloat,
    check,
    check_names,
    check_rule,
    check_username,
    is_username,
    normalized,
)
from notification.domain.errors import Invalid, Malformed
from notification.domain.model import Rule
from siblings.ksuid import encode


def reasons(sent: object) -> list[str]:
    with pytest.raises(Invalid) as caught:
        check(Draft, sent)
    return [reason.split(":")[0] for reason in caught.value.reasons]


def draft(**fields: object) -> Draft:
    return check(Draft, {"category": "like", "message": "hello", **fields})


def test_lengths_are_counted_in_code_points() -> None:
    assert draft(category="👍👍👍", message="é" * 255)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["category", "message"]),
        ({"category": "ab", "message": ""}, ["category", "message"]),
        ({"category": "a" * 21, "message": "a" * 256}, ["category", "message"]),
        ({"category": None, "message": 5}, ["category", "message"]),
        ({"category": JsonFloat("1.50"), "message": True}, ["category", "message"]),
        ({"category": "like", "message": "half \ud800 of a pair"}, ["message"]),
        ({"category": "like", "message": "m", "properties": []}, ["properties"]),
        ({"category": "like", "message": "m", "properties": {"a": None, "b": [], "c": {}}},
         ["properties.a", "properties.b", "properties.c"]),
        ({"category": "like", "message": "m", "properties": {"\ud800": "x"}}, ["properties.\ufffd\ufffd\ufffd"]),
        ({"category": "like", "message": "m", "properties": {str(n): "" for n in range(33)}}, ["properties"]),
        ({"category": "like", "message": "m", "properties": {"a": "é" * 2048}}, ["properties"]),
        ([], ["body"]),
        (None, ["body"]),
        ("text", ["body"]),
    ],
)  # fmt: skip
def test_every_reason_is_told(fields: object, wrong: list[str]) -> None:
    assert reasons(fields) == wrong


def test_what_was_sent_is_not_repeated_in_reasons() -> None:
    with pytest.raises(Invalid) as caught:
        check(Draft, {"category": "secret" * 9, "message": "m"})
    assert "secret" not in str(caught.value.reasons)


def test_numbers_and_booleans_in_properties_are_taken_as_their_json_text() -> None:
    sent = {"int": 7, "float": JsonFloat("1.50"), "exp": JsonFloat("1e2"), "yes": True, "no": False, "text": "x"}
    assert draft(properties=sent).properties == {
        "int": "7", "float": "1.50", "exp": "1e2", "yes": "true", "no": "false", "text": "x",
    }  # fmt: skip


def test_properties_may_be_absent_or_null_and_unknown_fields_are_ignored() -> None:
    assert draft(properties=None, id="x", created_at="y", unseen=False) == draft()


def test_properties_at_their_limits_are_taken() -> None:
    assert draft(properties={"a": "b" * 4095})
    assert len(draft(properties={str(n): "" for n in range(32)}).properties) == 32


@pytest.mark.parametrize(
    ("sent", "rule"),
    [({"max_size": 1}, Rule(1)), ({"match_on": "post", "other": 1}, Rule(match_on="post")),
     ({"max_size": 2, "match_on": ""}, Rule(2)), ({"max_size": 2, "max_duration": None}, Rule(2))],
)  # fmt: skip
def test_a_rule_is_any_of_its_three_fields(sent: object, rule: Rule) -> None:
    assert check_rule(sent) == rule


@pytest.mark.parametrize("sent", [{}, {"match_on": ""}, {"other": 1}, {"max_size": None}])
def test_a_rule_of_nothing_is_malformed(sent: object) -> None:
    with pytest.raises(Malformed):
        check_rule(sent)


@pytest.mark.parametrize(
    "sent",
    [{"max_size": 0}, {"max_size": -1}, {"max_size": "5"}, {"max_size": True}, {"max_size": JsonFloat("2.5")},
     {"max_size": 2**31}, {"max_duration": 5}, {"max_duration": "soon"}, {"max_duration": ["1h"]}, {"match_on": 5},
     {"match_on": "x" * 5000}, [], "1h"],
)  # fmt: skip
def test_a_rule_that_is_not_allowed_is_invalid(sent: object) -> None:
    with pytest.raises(Invalid):
        check_rule(sent)


def test_a_whole_number_may_be_written_with_a_fraction() -> None:
    assert check_rule({"max_size": JsonFloat("2.0")}).max_size == 2


@pytest.mark.parametrize(
    "username", ["a", "A.b_c~d@e:f+g-9", "x" * 128, "a b", "é", "a%", "...", " ", "\u2028", "😀" * 128]
)
def test_usernames_are_of_nearly_all_characters(username: str) -> None:
    check_names(username=username)


@pytest.mark.parametrize("username", ["", "x" * 129, "a/b", "a\n", "a\x00", "\x7f", "\x85", ".", "..", "\ud800"])
def test_other_usernames_are_malformed(username: str) -> None:
    with pytest.raises(Malformed):
        check_names(username=username)


@pytest.mark.parametrize("category", ["ab", "x" * 21])
def test_categories_in_paths_are_checked_as_in_bodies(category: str) -> None:
    with pytest.raises(Malformed):
        check_names(category=category)


@pytest.mark.parametrize("name", ["a", "Ada.Lovelace_~@:+-1", "x" * 128, "Zoë ♥"])
def test_usernames_are_given_back(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize("name", ["", "x" * 129, "a\n", "a/b", "\udcff", "..", None, 5])
def test_what_is_no_username_is_refused_with_the_reason(name: object) -> None:
    with pytest.raises(Malformed) as caught:
        check_username(name)
    assert [reason.split(":")[0] for reason in caught.value.reasons] == ["username"]


def test_two_spellings_of_one_username_are_one() -> None:
    assert check_username("Zoe\u0308") == check_username("Zo\u00eb") == "Zo\u00eb"
    assert check_username("e\u0301" * 128) == "é" * 128, "the length is that of the normal form"


@given(name=st.text())
def test_a_username_is_in_normal_form_and_checking_it_again_changes_nothing(name: str) -> None:
    try:
        checked = check_username(name)
    except Malformed:
        assert not is_username(str(normalized(name)))
    else:
        assert check_username(checked) == checked == normalized(name)


def test_a_cursor_is_moved_to_an_id() -> None:
    assert check(CursorDraft, {"value": encode(5)}).value == encode(5)
    with pytest.raises(Invalid, match="Invalid fields"):
        check(CursorDraft, {"value": "yesterday"})


@pytest.mark.parametrize("blank", ["   ", "\u2003\u2003\u2003", "\t\n \u0085"])
def test_white_space_alone_is_no_category_and_no_message(blank: str) -> None:
    with pytest.raises(Invalid) as raised:
        check(Draft, {"category": blank, "message": blank})
    assert {reason.partition(":")[0] for reason in raised.value.reasons} == {"category", "message"}


@pytest.mark.parametrize(("name", "valid"), [("ada", True), ("a.b", True), (".", False), ("..", False), ("a/b", False)])
def test_a_username_is_no_folder_of_a_path(name: str, valid: bool) -> None:
    if valid:
        assert check_username(name) == name
    else:
        with pytest.raises(Malformed):
            check_username(name)


def test_a_log_line_can_ask_whether_a_name_is_valid() -> None:
    assert is_username("ada")
    assert not is_username("a/b")


TEXTS = st.text(st.characters(exclude_categories=[])) | st.sampled_from(
    ["like", "ab", "x" * 20, "x" * 21, "é" * 255, "m" * 256, " \u0085\ufeff ", "half \ud800 of a pair", "\ud83d\ude00"]
)
NUMBERS = st.booleans() | st.integers() | st.floats() | st.sampled_from(["1.50", "1e2", "-0.0", "1e999"]).map(JsonFloat)
VALUES = TEXTS | NUMBERS | st.none() | st.lists(TEXTS, max_size=1) | st.dictionaries(TEXTS, TEXTS, max_size=1)
LIMITS = st.sampled_from([
    {str(number): "" for number in range(MAX_PROPERTIES)}, {str(number): 1 for number in range(MAX_PROPERTIES + 1)},
    {"a": "b" * (MAX_PROPERTY_BYTES - 1)}, {"a": "b" * MAX_PROPERTY_BYTES}, {"a" * MAX_PROPERTY_BYTES: ""},
    {"a": "é" * (MAX_PROPERTY_BYTES // 2)},
])  # fmt: skip
PROPERTIES = st.dictionaries(TEXTS, TEXTS | NUMBERS, max_size=4) | st.dictionaries(TEXTS, VALUES) | LIMITS | VALUES
VALID = {"category": st.just("like"), "message": st.just("hello")}
BODIES = st.one_of(
    st.fixed_dictionaries({**VALID, "properties": st.dictionaries(TEXTS, TEXTS | NUMBERS, max_size=4)}),
    st.fixed_dictionaries({**VALID, "properties": PROPERTIES}),
    st.fixed_dictionaries({**VALID, "properties": LIMITS}),
    st.fixed_dictionaries({"category": TEXTS, "message": st.just("hello")}),
    st.fixed_dictionaries({"category": st.just("like"), "message": TEXTS}),
    st.dictionaries(st.sampled_from(["category", "message", "properties", "other"]), VALUES),
    VALUES,
)


@given(sent=BODIES)
@example(sent=[])
@example(sent={"category": "like", "message": "m"})
@example(sent={"category": "like", "message": "m", "properties": {"a": 1, "b": True, "c": JsonFloat("1.50")}})
@example(sent={"category": "like", "message": "m", "properties": []})
@example(sent={"category": "like", "message": "m", "properties": {"a": 1.5}})
@example(sent={"category": "like", "message": "m", "properties": {"a": "half \ud800 of a pair"}})
@example(sent={"category": "like", "message": "m", "properties": {"a": "\ud83d", "b": "\ude00"}})
def test_the_plain_checks_accept_exactly_what_the_model_accepts(sent: object) -> None:
    expected = content_or_reasons(lambda: Content(*vars(check(Draft, sent)).values()))
    assert content_or_reasons(lambda: check_content(sent)) == expected
    assert valid_content(sent) == (expected if isinstance(expected, Content) else None)


def content_or_reasons(make: Callable[[], Content]) -> Content | tuple[str, ...]:
    try:
        return make()
    except Invalid as invalid:
        return invalid.reasons


def test_what_the_plain_checks_do_not_know_the_model_decides() -> None:
    class Text(str):
        __slots__ = ()

    assert valid_content({"category": Text("like"), "message": "m"}) is None
    assert check_content({"category": Text("like"), "message": "m"}) == Content("like", "m", {})
