"""Selects the event loop: uvloop's if uvloop is installed, otherwise asyncio's."""

import asyncio
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the loop factory for `asyncio.Runner`. `None` selects asyncio's own event loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
