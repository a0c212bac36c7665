"""Which event loop the service runs on: uvloop's where it installs, else asyncio's own."""

import asyncio
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What `asyncio.Runner` takes."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
