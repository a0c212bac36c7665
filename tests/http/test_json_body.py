"""A notification has the same content if orjson parses it as if the exact parser does."""

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notification.domain.content import Content
from notification.domain.drafts import Draft, check
from notification.domain.errors import Invalid, Malformed
from notification.http.json_body import parse_content, parse_json

NUMBERS = ["0", "-0", "7", "-0.0", "1.50", "1e2", "1E400", "9223372036854775808", "18446744073709551616",
           "-1" + "0" * 30, "1" * 400, "1" * 5000, "NaN", "Infinity", "01", "+1", ".5", "1."]  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=6).map(json.dumps) | st.sampled_from(
    ['"\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\t"', '"\\x"', '"é"', "'a'", '"\ufeff"', '"a', '"\x7f"', '"\\/"']
)
VALUES = TEXTS | st.sampled_from([*NUMBERS, "true", "null", "[]", "{}", "[1,]", '{"a":1,"a":2}', ""])
NAMES = st.sampled_from(['"category"', '"message"', '"properties"', '"other"', '"c\\u0061tegory"'])
GAPS = st.sampled_from(["", "", " ", "\n\t\r", "\xa0", "\f", "/**/"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Generate bodies that resemble notifications. They are often valid, and sometimes not even JSON."""
    fields = ['"category":"like"', '"message":"hello"']
    properties = draw(st.lists(st.tuples(TEXTS, VALUES).map(":".join), max_size=2))
    fields.append('"properties":{' + ",".join(properties) + "}")
    fields += draw(st.lists(st.tuples(NAMES, VALUES).map(":".join), max_size=1))
    gap = draw(GAPS)
    return (
        gap + "{" + ",".join(draw(st.permutations(fields))) + gap + "}" + draw(st.sampled_from(["", "", gap, "x", ","]))
    )


@given(text=texts())
@example(text='\ufeff{"category":"like","message":"hello"}')
@example(text="")
@example(text='{"category":"like","message":"hello","properties":{"a":1,"b":1.50,"b":"x","c":true}}')
def test_both_parsers_read_the_same_notification(text: str) -> None:
    data = text.encode(errors="surrogatepass")
    assert outcome(lambda: parse_content(data)) == outcome(
        lambda: Content(*vars(check(Draft, parse_json(data))).values())
    )


@pytest.mark.parametrize("number", ["1.50", "1e2", "18446744073709551616", "-0"])
def test_a_number_keeps_the_text_that_the_exact_parser_gives_it(number: str) -> None:
    text = f'{{"category":"like","message":"m","properties":{{"n":{number}}}}}'
    assert parse_content(text.encode()).properties == {"n": "0" if number == "-0" else number}


def outcome(read: Callable[[], Content]) -> object:
    try:
        return read()
    except (Invalid, Malformed) as error:
        return type(error), error.message, error.reasons
