"""What a put and a deletion do inside a transaction.

The table shows the effect of a put; a test executes each row. `context`: whether the writer has given one. `found`: the
siblings of the key when the transaction begins. The context covers the siblings `seen` and does not cover `unseen`.
`either`: yes or no. `kept`: the siblings after the put; `new` is the sibling that was written. `reply`: whether the
reply contains a context, which then covers all siblings. Every reply contains the number of siblings.

| context | found       | as_sibling | if_unchanged | kept            | reply      |
|---------|-------------|------------|--------------|-----------------|------------|
| none    | nothing     | either     | either       | new             | context    |
| none    | unseen      | either     | no           | unseen new      | no context |
| none    | unseen      | either     | yes          | unseen          | no context |
| given   | nothing     | no         | no           | new             | context    |
| given   | nothing     | yes        | no           | new             | no context |
| given   | nothing     | either     | yes          |                 | no context |
| given   | seen        | no         | either       | new             | context    |
| given   | seen        | yes        | either       | seen new        | context    |
| given   | seen unseen | no         | no           | unseen new      | no context |
| given   | seen unseen | yes        | no           | seen unseen new | no context |
| given   | seen unseen | either     | yes          | seen unseen     | no context |
"""

import sqlite3
from dataclasses import dataclass

from notification.storage.embedded import rows
from notification.storage.embedded.sequence import Mark
from notification.storage.store import Context, Stored


@dataclass(frozen=True, slots=True)
class Put:
    """A put. For the meaning of most fields, see `Store.put`.

    `mark`: if its `unchanged` is set, `context` covers all siblings, and no query is needed to check this.
    """

    bucket: str
    key: str
    value: bytes
    context: Context | None
    as_sibling: bool
    if_unchanged: bool
    mark: Mark

    def __call__(self, connection: sqlite3.Connection) -> Stored:
        """Execute the put inside the open transaction of `connection`."""
        place = connection, self.bucket, self.key
        context, unchanged = self.context or rows.ABSENT, self.mark.unchanged
        newest, known = rows.unpack_context(context)
        if self.if_unchanged and not unchanged and rows.current_context(*place) != context:
            return Stored(None, rows.count(*place))
        if not self.as_sibling:
            rows.delete(*place, newest)
        complete = unchanged or rows.current_context(*place) == (context if self.as_sibling else rows.ABSENT)
        dot = rows.insert(*place, self.value)
        if not complete:
            return Stored(None, rows.count(*place))
        siblings = known + 1 if self.as_sibling else 1
        return Stored(rows.pack_context(dot, siblings), siblings)


@dataclass(frozen=True, slots=True)
class Delete:
    """A deletion of the values that `context` covers. No tombstone is needed, because a dot is never used twice."""

    bucket: str
    key: str
    context: Context | None

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Execute the deletion inside the open transaction of `connection`."""
        newest, _ = rows.unpack_context(self.context)
        rows.delete(connection, self.bucket, self.key, newest)
