"""The names of each user's cursors. They limit the number of cursors, and a removal uses them to find all cursors.

Each cursor is stored under its own key, and no store can list keys cheaply. So the names of a user's cursors are stored
in one value, a rule map whose entries have an empty payload. A name is registered before its cursor is written, and
unregistered after its cursor is deleted. A failure in between leaves a name without a cursor, but never a cursor
without its name.
"""

from typing import Final

from notification.domain.errors import Invalid
from notification.services.ids import IdGenerator
from notification.storage.bucket import Bucket, Change
from siblings import RuleMap
from siblings.ksuid import NO_ID
from siblings.rule_map import Entry

MAX_NAMES: Final = 16
"""Maximum number of named cursors per user. Concurrent requests to several processes can exceed it by a few."""

PRESENT: Final = b""


class CursorNames:
    """The names of each user's cursors, except the name of the standard cursor."""

    def __init__(self, bucket: Bucket[RuleMap], id_generator: IdGenerator) -> None:
        self._bucket = bucket
        self._id_generator = id_generator

    async def register(self, username: str, name: str) -> None:
        """Add a name. Raises `Invalid` if the user already has `MAX_NAMES` other names."""
        await self._bucket.update(username, self._registration(name), fresh=True)

    async def unregister(self, username: str, name: str) -> None:
        """Remove a name."""
        seed = self._id_generator.draw()

        def change(names: RuleMap, before: str | None) -> tuple[RuleMap, str]:
            stamp = before or seed.above(names.newest)
            if before is None and not _has(names, name):
                return RuleMap(), stamp
            return RuleMap(NO_ID, {name: Entry(stamp, None)}), stamp

        await self._bucket.update(username, change, fresh=True)

    async def of(self, username: str) -> list[str]:
        """Return all names of a user's cursors."""
        return [name for name, _ in (await self._bucket.read(username)).live()]

    async def clear(self, username: str) -> None:
        """Remove all names of a user."""

        def change(names: RuleMap, before: str | None) -> tuple[RuleMap, str]:
            upto = names.newest if before is None else before
            return RuleMap(upto), upto

        await self._bucket.update(username, change, fresh=True)

    def _registration(self, name: str) -> Change[RuleMap, str]:
        seed = self._id_generator.draw()

        def change(names: RuleMap, before: str | None) -> tuple[RuleMap, str]:
            stamp = before or seed.above(names.newest)
            if before is None and _has(names, name):
                return RuleMap(), stamp
            if before is None and sum(1 for _ in names.live()) >= MAX_NAMES:
                raise Invalid("Invalid fields", [f"cursor: a user has at most {MAX_NAMES} named cursors"])
            return RuleMap(NO_ID, {name: Entry(stamp, PRESENT)}), stamp

        return change


def _has(names: RuleMap, name: str) -> bool:
    entry = names.entries.get(name)
    return entry is not None and entry.rule is not None
