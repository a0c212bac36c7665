"""The rules in force. Rules that requests have set override the rules of the configuration."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from typing import Final

import structlog

from notification.domain.errors import CorruptValue, Invalid, after_a_write
from notification.domain.model import Rule, Rules
from notification.domain.payload import decode_rule, encode_rule
from notification.services.ids import IdGenerator
from notification.services.observer import NULL_OBSERVER, ServiceObserver
from notification.storage.bucket import Bucket, Change
from siblings import RULE_MAP, DecodeError, RuleMap
from siblings.ksuid import LENGTH, NO_ID
from siblings.rule_map import STANDING, Entry

KEY: Final = "rules"
MAX_CATEGORIES: Final = 1000
"""Maximum number of categories with a rule. Removed rules count until all rules are removed."""
MAX_BYTES: Final = 1024 * 1024
"""Maximum size of the rule map in bytes. This is twice as much as a thousand rules need, and an eighth of the maximum
size of a stored value."""

NO_RULES: Final[Rules] = {}

Salvage = Callable[[str], Awaitable[None]]
"""Makes the value of a key readable again. Parts that can't be decoded are lost."""

Inherited = Callable[[], Awaitable[Rules]]
"""Reads the rules that another program has written to the store. Raises `StoreError`."""

log = structlog.get_logger()


class RulesService:
    """Reads and writes the rules. They are cached for `timeout` seconds; changes through this process apply at once.

    `configured`: the rules of the configuration. If a request has set or removed the rule of a category, this overrides
    the configured rule. `salvage`: called if the rule map is corrupt and a request removes rules. `inherited`: called
    again until it succeeds. From then on, its rules count as configured, except in categories for which the
    configuration has a rule.

    As long as no rule changes, `current` and `in_force` return the same mapping, so callers can compare it by identity.
    """

    def __init__(
        self,
        rule_map: Bucket[RuleMap],
        configured: Rules,
        timeout: float,
        id_generator: IdGenerator,
        observer: ServiceObserver = NULL_OBSERVER,
        salvage: Salvage | None = None,
        inherited: Inherited | None = None,
    ) -> None:
        self._rule_map = rule_map
        self._configured = standing(configured)
        self._inherited = inherited
        self._timeout = timeout
        self._id_generator = id_generator
        self._observer = observer
        self._salvage = salvage
        self._book: RuleMap | None = None
        self._rules = NO_RULES
        self._corrupt: CorruptValue | None = None
        self._expires = float("-inf")
        self._loading: asyncio.Task[None] | None = None
        self._loads: set[asyncio.Task[None]] = set()
        self._begun = self._applied = 0

    async def current(self) -> Rules:
        """Return the rules in force by category. Raises `StoreUnavailable`; `CorruptValue` if the map is corrupt."""
        rules = await self.in_force()
        if self._corrupt is not None:
            raise CorruptValue(self._corrupt.bucket, self._corrupt.key) from self._corrupt
        return rules

    async def in_force(self) -> Rules:
        """Return the rules that group feeds; none while the rule map is corrupt. Raises `StoreUnavailable`."""
        if time.monotonic() >= self._expires:
            await asyncio.shield(self._loading or self._begin())
        return self._rules

    async def put(self, category: str, rule: Rule) -> None:
        """Set the rule of a category. Raises `Invalid` if the rule map would have too many categories or bytes."""
        await self._change(self._writing(category, encode_rule(rule)))

    async def remove(self, category: str) -> None:
        """Remove the rule of a category, even if it is a configured rule. Corrupt entries are dropped."""
        await self._remove(self._writing(category, None))

    async def remove_all(self) -> None:
        """Remove all rules, including the configured ones. Corrupt entries are dropped."""
        draw = self._id_generator.draw()

        def change(book: RuleMap, before: str | None) -> tuple[RuleMap, str]:
            upto = before or draw.above(book.newest)
            return RuleMap(upto), upto

        await self._remove(change)

    async def close(self) -> None:
        """Cancel the loads that are in progress."""
        loads = list(self._loads)
        for loading in loads:
            loading.cancel()
        await asyncio.gather(*loads, return_exceptions=True)

    def _writing(self, category: str, rule: bytes | None) -> Change[RuleMap, str]:
        draw = self._id_generator.draw()

        def change(book: RuleMap, before: str | None) -> tuple[RuleMap, str]:
            stamp = before or draw.above(book.newest)
            delta = RuleMap(NO_ID, {category: Entry(stamp, rule)})
            known = RULE_MAP.merge(book, self._configured).entries
            if before is None and category not in known and rule is None:
                return RuleMap(), stamp
            if before is None and rule is not None:
                _check_room(book, RULE_MAP.merge(book, delta), 0 if category in known else len(known))
            return delta, stamp

        return change

    async def _remove(self, change: Change[RuleMap, str]) -> None:
        try:
            await self._change(change)
        except CorruptValue:
            if self._salvage is None:
                raise
            await self._salvage(KEY)
            with after_a_write():
                await self._change(change)

    async def _change(self, change: Change[RuleMap, str]) -> None:
        await self._inherit()
        try:
            await self._rule_map.update(KEY, change, fresh=True)
        finally:  # a load in progress may have read the previous rules
            self._expires, self._loading = float("-inf"), None

    def _begin(self) -> "asyncio.Task[None]":
        """Start a load that all callers share. It continues if a caller is cancelled, and has no request context."""
        self._begun += 1
        loading = asyncio.create_task(self._load(self._begun), name="load rules", context=Context())
        loading.add_done_callback(self._ended)
        self._loads.add(loading)
        self._loading = loading
        return loading

    def _ended(self, loading: "asyncio.Task[None]") -> None:
        self._loads.discard(loading)
        if self._loading is loading:
            self._loading = None
        if not loading.cancelled():
            loading.exception()  # retrieves the error, because all callers might be cancelled

    async def _load(self, number: int) -> None:
        book, rules, corrupt = await self._read()
        if number < self._applied:
            return  # a load that started later has already finished
        self._applied = number
        self._book, self._corrupt = book, corrupt
        if rules != self._rules:
            self._rules = rules
        if self._loading is asyncio.current_task():
            self._expires = time.monotonic() + self._timeout

    async def _inherit(self) -> None:
        if self._inherited is not None:
            inherited = standing(await self._inherited())
            self._configured = RuleMap(NO_ID, {**inherited.entries, **self._configured.entries})
            self._inherited = None

    async def _read(self) -> tuple[RuleMap | None, Rules, CorruptValue | None]:
        await self._inherit()
        try:
            book = await self._rule_map.read(KEY)
            return book, self._rules if book is self._book else self._decoded(book), None
        except CorruptValue as error:
            log.warning("feeds are served without rules", reason=str(error))
            return None, NO_RULES, error

    def _decoded(self, book: RuleMap) -> Mapping[str, Rule]:
        try:
            return {category: decode_rule(rule) for category, rule in RULE_MAP.merge(book, self._configured).live()}
        except DecodeError as error:
            self._observer.corrupt(self._rule_map.name)
            raise CorruptValue(self._rule_map.name, KEY) from error


def standing(rules: Rules) -> RuleMap:
    """Return a rule map of rules that do not come from a request. Every change by a request overrides them."""
    return RuleMap(NO_ID, {category: Entry(STANDING, encode_rule(rule)) for category, rule in rules.items()})


def _check_room(before: RuleMap, after: RuleMap, others: int) -> None:
    """Raise `Invalid` if a new rule makes the map too large. `others`: number of other categories; 0 if the category
    already has a rule."""
    if others >= MAX_CATEGORIES:
        raise Invalid(f"At most {MAX_CATEGORIES} categories may have a rule, removed ones included")
    if _bytes(after) > max(MAX_BYTES, _bytes(before)):
        raise Invalid(f"All rules together may have at most {MAX_BYTES} bytes")


def _bytes(book: RuleMap) -> int:
    """Return an upper bound of the encoded size in bytes."""
    return sum(LENGTH + 16 + len(name.encode()) + len(entry.rule or b"") for name, entry in book.entries.items())
