"""Each row of the table of `embedded.writes` holds, and the table is complete."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from notification.storage.embedded import writes
from notification.storage.embedded.store import EmbeddedStore
from notification.storage.store import Context, Fetched
from tests.storage.tables import rows_of

CHOICES = {"yes": [True], "no": [False], "either": [False, True]}
ROWS = [
    (context, found, as_sibling, if_unchanged, kept, reply)
    for context, found, sibling, unchanged, kept, reply in rows_of(writes)
    for as_sibling, if_unchanged in product(CHOICES[sibling], CHOICES[unchanged])
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "feeds.db")
    yield store
    await store.close()


async def prepare(store: EmbeddedStore, context: str, found: str) -> Context | None:
    """Bring the key into the state `found`, and return the writer's context."""
    given = None
    if context == "given":
        given = (await store.put("feeds", "user", b"seen", None)).context
        if "seen" not in found.split():
            await store.delete("feeds", "user", given)
    if "unseen" in found.split():
        await store.put("feeds", "user", b"unseen", None)
    return given


@pytest.mark.parametrize(("context", "found", "as_sibling", "if_unchanged", "kept", "reply"), ROWS)
async def test_a_put_keeps_and_replies_what_its_row_says(
    store: EmbeddedStore, context: str, found: str, as_sibling: bool, if_unchanged: bool, kept: str, reply: str
) -> None:
    given = await prepare(store, context, found)
    stored = await store.put("feeds", "user", b"new", given, as_sibling=as_sibling, if_unchanged=if_unchanged)
    after = await store.fetch("feeds", "user")
    assert isinstance(after, Fetched)
    assert sorted(after.values) == sorted(kept.encode().split())
    assert stored.siblings == len(after.values)
    assert stored.context == (after.context if reply == "context" else None)
    assert reply in {"context", "no context"}


def test_every_situation_has_exactly_one_row() -> None:
    situations = [("none", "nothing"), ("none", "unseen"), *(("given", f) for f in ("nothing", "seen", "seen unseen"))]
    every = [(*situation, *options) for situation in situations for options in product([False, True], repeat=2)]
    assert sorted(row[:4] for row in ROWS) == sorted(every)
