"""A timer wheel: one timer that serves many members. The wheel makes one revolution per interval, and each member is
due once per revolution."""

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")

SLOTS: Final = 32
"""Slots of a wheel. A process with 10,000 members sets 32 timers per interval instead of 10,000."""


class Wheel(Generic[K]):
    """Members by slot. `turn` advances the wheel by one slot. The class does not depend on time."""

    def __init__(self) -> None:
        self._slots: list[dict[K, None]] = [{} for _ in range(SLOTS)]
        self._slot_of: dict[K, int] = {}
        self._now = 0

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._slot_of)

    def place(self, member: K, turns: int = SLOTS) -> None:
        """Make a member due at the `turns`-th next call of `turn` (1 to `SLOTS`), and then at every `SLOTS`-th call."""
        slot = (self._now + turns) % SLOTS
        before = self._slot_of.get(member)
        if before != slot:
            if before is not None:
                del self._slots[before][member]
            self._slots[slot][member] = None
            self._slot_of[member] = slot

    def remove(self, member: K) -> None:
        """Remove a member, if it is one."""
        slot = self._slot_of.pop(member, None)
        if slot is not None:
            del self._slots[slot][member]

    def turn(self) -> list[K]:
        """Advance the wheel by one slot, and return the members that are due. They stay members."""
        self._now = (self._now + 1) % SLOTS
        return list(self._slots[self._now])


class TimerWheel(Generic[K]):
    """A wheel that makes one revolution in `interval` seconds, and passes the members that are due to `on_due`.

    The timer runs only while the wheel has members. So once all members are removed, `stop` is not needed.
    """

    def __init__(self, interval: float, on_due: Callable[[list[K]], None]) -> None:
        self._tick = interval / SLOTS
        self._on_due = on_due
        self._wheel = Wheel[K]()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._wheel)

    def place(self, member: K, turns: int = SLOTS) -> None:
        """Make a member due after `turns` slots, and then once per interval."""
        self._wheel.place(member, turns)
        if self._timer is None:
            self._schedule(asyncio.get_running_loop().time())

    def remove(self, member: K) -> None:
        """Remove a member, if it is one."""
        self._wheel.remove(member)
        if not self._wheel:
            self.stop()

    def stop(self) -> None:
        """Stop the timer. It starts again with the next `place`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self, after: float) -> None:
        """Set the timer to one slot after `after`. If the process is late, the wheel does not catch up."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(max(after + self._tick, loop.time()), self._turn, after + self._tick)

    def _turn(self, due: float) -> None:
        self._schedule(max(due, asyncio.get_running_loop().time() - self._tick))
        self._on_due(self._wheel.turn())
