"""What a rule map contains. test_laws.py tests how rule maps merge."""

from siblings import RuleMap
from siblings.ksuid import NO_ID, encode
from siblings.rule_map import Entry

ONE, TWO = encode(1), encode(2)


def test_the_newest_stamp_is_an_entry_s_or_the_floor() -> None:
    assert RuleMap(NO_ID, {"like": Entry(TWO, b"x"), "follow": Entry(ONE, None)}).newest == TWO
    assert RuleMap(ONE).newest == ONE


def test_removed_rules_are_not_live() -> None:
    book = RuleMap(NO_ID, {"like": Entry(ONE, b"x"), "follow": Entry(TWO, None), "comment": Entry(TWO, b"y")})
    assert list(book.live()) == [("comment", b"y"), ("like", b"x")]
