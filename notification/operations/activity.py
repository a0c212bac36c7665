"""The activity of this process: its tasks and its threads, with their current positions in the code."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final, NamedTuple

MAX_PLACES: Final = 12
"""Maximum number of positions shown for a task or thread. Of a deeper stack, only the innermost are shown."""

_LINKS: Final = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


class Activity(NamedTuple):
    """A task or a thread. `places`: its stack as `module.function:line`, the outermost first."""

    name: str
    places: list[str]


def tasks() -> list[Activity]:
    """Return every unfinished task of the running loop, by name."""
    running = asyncio.current_task()
    activities = (_task(task, task is running) for task in asyncio.all_tasks())
    return sorted(activities, key=lambda activity: activity.name)


def threads() -> list[Activity]:
    """Return every thread, by name."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()  # noqa: SLF001  # the documented way to inspect other threads
    activities = (Activity(names.get(ident, f"thread {ident}"), _outwards(frame)) for ident, frame in frames.items())
    return sorted(activities, key=lambda activity: activity.name)


def _task(task: "asyncio.Task[Any]", running: bool) -> Activity:
    name = f"{task.get_name()} (it made this list)" if running else task.get_name()
    return Activity(name, list(_inwards(task.get_coro()))[-MAX_PLACES:])


def _inwards(waiting: object) -> Iterator[str]:
    """Yield the position of a coroutine and of each coroutine that it awaits, if it is written in Python."""
    while waiting is not None:
        awaited = None
        for frame_name, next_name in _LINKS:
            frame = getattr(waiting, frame_name, None)
            if isinstance(frame, FrameType):
                yield _place(frame)
                awaited = getattr(waiting, next_name)
        waiting = awaited


def _outwards(frame: FrameType | None) -> list[str]:
    places: list[str] = []
    while frame is not None and len(places) < MAX_PLACES:
        places.append(_place(frame))
        frame = frame.f_back
    return places[::-1]


def _place(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{frame.f_lineno}"
