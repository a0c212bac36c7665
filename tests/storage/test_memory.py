"""The caches take as much memory as the configuration allows, measured from outside in a process that fills one."""

import asyncio
import sys

import pytest

from tests.service_process import ROOT

pytestmark = pytest.mark.long

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("cache", "values", "bound"),
    [
        ("feeds", "one", 16), ("feeds", "usual", 64), ("feeds", "full", 64),
        ("cursors", "short", 16), ("cursors", "long", 16),
        ("views", "one", 16), ("views", "usual", 64), ("views", "full", 64), ("views", "emoji", 64),
    ],
)  # fmt: skip
async def test_a_full_cache_takes_its_bound_within_thirty_percent(cache: str, values: str, bound: int) -> None:
    arguments = ("-m", "tests.storage.filling", cache, values, str(bound * MIB))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    # The cache counts the property names of every notification, although the interpreter shares equal ones.
    least = 0.55 if values == "full" else 0.7
    assert least <= int(out) / (bound * MIB) <= 1.3
