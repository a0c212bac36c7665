"""Waiting for something, and expecting nothing or an error."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

import pytest

from tests.riak_cluster_tests.client import PATIENCE, ReplyError

_POLL_SECONDS = 0.002

NEVER_SECONDS = 0.05
"""How long to wait for what is expected not to happen."""


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once a condition holds; fail where it does not in good time."""
    async with asyncio.timeout(PATIENCE):
        while not await _holds(condition()):  # noqa: ASYNC110 - anything at all may be waited for
            await asyncio.sleep(_POLL_SECONDS)


async def unanswered(request: Awaitable[Any]) -> bool:
    """Whether a request is left waiting, which is given up then."""
    try:
        await asyncio.wait_for(request, NEVER_SECONDS)
    except TimeoutError:
        return True
    return False


def says(text: str) -> "pytest.RaisesExc[ReplyError]":
    """Expect an error reply of exactly this text."""
    return pytest.raises(ReplyError, match=f"^{re.escape(text)}$")


async def _holds(condition: bool | Awaitable[bool]) -> bool:
    return await condition if isawaitable(condition) else bool(condition)
