"""The rules of the Java service: a Riak map that has, for each category, a map with the rule's fields as registers."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from notification.domain.drafts import check_names, check_rule
from notification.domain.errors import Refused
from notification.domain.model import Rule
from notification.riak.objects import RiakMap

BUCKET_TYPE: Final = "maps"
BUCKET: Final = "rules"
KEY: Final = "rules"

_NUMBERS: Final = ("max_size",)
_TEXTS: Final = ("max_duration", "match_on")


class JavaRules(NamedTuple):
    """`rules`: the valid rules by category. `refused`: a line for each rule that this service can't apply."""

    rules: Mapping[str, Rule]
    refused: Sequence[str]


def read_rules(categories: Mapping[bytes, RiakMap]) -> JavaRules:
    """Translate all rules, in order of category."""
    rules, refused = {}, []
    for name, fields in sorted(categories.items()):
        category = name.decode(errors="replace")
        try:
            check_names(category=category)
            rules[category] = check_rule(_fields(fields.registers))
        except Refused as error:
            refused.append(f"{category}: {'; '.join(error.reasons) or error.message}")
    return JavaRules(rules, refused)


def _fields(registers: Mapping[bytes, bytes]) -> dict[str, object]:
    texts = {name.decode(errors="replace"): value.decode(errors="replace") for name, value in registers.items()}
    numbers = {name: int(texts[name]) if texts[name].isdecimal() else texts[name] for name in _NUMBERS if name in texts}
    return {**numbers, **{name: texts[name] for name in _TEXTS if name in texts}}
