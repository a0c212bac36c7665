"""The rules in force: those that requests made, over those of the configuration."""

import time
from collections.abc import Mapping
from typing import Final

from notification.buckets import Bucket
from notification.errors import CorruptValue, Invalid, after_a_write
from notification.ids import Mint
from notification.model import Rule, Rules
from notification.observer import NOBODY, Observer
from notification.payload import decode_rule, encode_rule
from siblings import RULEBOOK, DecodeError, RuleBook
from siblings.ksuid import NO_ID
from siblings.rulebook import STANDING, Entry

KEY: Final = "rules"
MOST_CATEGORIES: Final = 1000
"""Categories that may have, or have had, a rule: their removals are remembered too, until all rules are removed."""


class Ruleset:
    """Rules are kept in memory for `timeout` seconds; a change through this process shows at once.

    `standing`: the configuration's. A rule made, or removed, by a request wins over those, category by category.
    """

    def __init__(
        self, rulebook: Bucket[RuleBook], standing: Rules, timeout: float, mint: Mint, observer: Observer = NOBODY
    ) -> None:
        self._rulebook = rulebook
        self._standing = RuleBook(NO_ID, {name: Entry(STANDING, encode_rule(rule)) for name, rule in standing.items()})
        self._timeout = timeout
        self._mint = mint
        self._observer = observer
        self._rules: Rules = {}
        self._expires = float("-inf")

    async def current(self) -> Rules:
        """The rules in force, by category."""
        if time.monotonic() >= self._expires:
            await self._load()
        return self._rules

    async def put(self, category: str, rule: Rule) -> None:
        """`category` has `rule` from now on. Raises `Invalid` where there are too many categories."""
        await self._write(category, encode_rule(rule))

    async def remove(self, category: str) -> None:
        """`category` has no rule from now on, the configuration's included."""
        await self._write(category, None)

    async def remove_all(self) -> None:
        """There are no rules from now on, the configuration's included."""
        draw = self._mint.draw()

        def change(book: RuleBook, before: str | None) -> tuple[RuleBook, str]:
            upto = before or draw.above(book.newest)
            return RuleBook(upto), upto

        await self._rulebook.update(KEY, change, fresh=True)
        with after_a_write():
            await self._load()

    async def _write(self, category: str, rule: bytes | None) -> None:
        draw = self._mint.draw()

        def change(book: RuleBook, before: str | None) -> tuple[RuleBook, str]:
            stamp = before or draw.above(book.newest)
            known = RULEBOOK.merge(book, self._standing).entries
            if before is None and category not in known:
                if rule is None:
                    return RuleBook(), stamp
                if len(known) >= MOST_CATEGORIES:
                    raise Invalid(f"At most {MOST_CATEGORIES} categories may have a rule, removed ones included")
            return RuleBook(NO_ID, {category: Entry(stamp, rule)}), stamp

        await self._rulebook.update(KEY, change, fresh=True)
        with after_a_write():
            await self._load()

    async def _load(self) -> None:
        book = RULEBOOK.merge(await self._rulebook.read(KEY), self._standing)
        self._rules = self._decoded(book)
        self._expires = time.monotonic() + self._timeout

    def _decoded(self, book: RuleBook) -> Mapping[str, Rule]:
        try:
            return {category: decode_rule(rule) for category, rule in book.live()}
        except DecodeError as error:
            self._observer.corrupt("rules")
            raise CorruptValue("rules", KEY) from error
