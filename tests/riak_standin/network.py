"""Messages between nodes: asynchronous, unordered, and lost if a node is down or partitioned away."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import TypeVar

Answer = TypeVar("Answer")
Action = Callable[[], None]

_MAX_TURNS = 4


class Network:
    """Carries messages between nodes. Each takes a random time, so messages sent together arrive in any order.

    With `delay`, a message takes up to that many seconds. Without, it takes a few iterations of the event loop, because
    timers have a resolution of a millisecond, most of a request's time.
    """

    def __init__(self, nodes: int, seed: int, delay: float) -> None:
        self.in_flight = 0
        self._delay = delay
        self._random = Random(seed)
        self._alive = [True] * nodes
        self._lives = [0] * nodes
        self._sides = [0] * nodes
        self._closed = False

    def connected(self, one: int, other: int) -> bool:
        """Whether messages from `one` reach `other`."""
        return self._alive[one] and self._alive[other] and self._sides[one] == self._sides[other]

    def alive(self, node: int) -> bool:
        """Whether a node is running."""
        return self._alive[node]

    def kill(self, node: int) -> None:
        """Stop a node. Messages to it are lost, messages from it may be."""
        self._alive[node] = False
        self._lives[node] += 1

    def start(self, node: int) -> None:
        """Start a node again."""
        self._alive[node] = True

    def part(self, sides: Sequence[Sequence[int]]) -> None:
        """Partition the network into sides."""
        named = sorted(node for side in sides for node in side)
        if named != list(range(len(self._sides))):
            raise ValueError(f"every node must be on exactly one side, not {sides}")
        for number, side in enumerate(sides):
            for node in side:
                self._sides[node] = number

    def heal(self) -> None:
        """End the partition."""
        self._sides = [0] * len(self._sides)

    def send(self, source: int, target: int, action: Action) -> None:
        """Run `action` at `target` if the message arrives."""
        self.in_flight += 1
        lives = self._lives[source], self._lives[target]
        self._hop(partial(self._arrive, source, target, lives, action))

    def ask(self, source: int, target: int, action: Callable[[], Answer], answered: Callable[[Answer], None]) -> None:
        """Run `action` at `target`, then `answered` with its result at `source`."""

        def work() -> None:
            answer = action()
            self.send(target, source, lambda: answered(answer))

        self.send(source, target, work)

    def close(self) -> None:
        """Drop all messages in flight."""
        self._closed = True

    def _hop(self, arrive: Action) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._random.uniform(0, self._delay), arrive)
        else:
            self._turn(int(self._random.random() * _MAX_TURNS), arrive)

    def _turn(self, more: int, arrive: Action) -> None:
        loop = asyncio.get_running_loop()
        if more:
            loop.call_soon(self._turn, more - 1, arrive)
        else:
            loop.call_soon(arrive)

    def _arrive(self, source: int, target: int, lives: tuple[int, int], action: Action) -> None:
        self.in_flight -= 1
        if not self._closed and self._gets_there(source, target, lives):
            action()

    def _gets_there(self, source: int, target: int, lives: tuple[int, int]) -> bool:
        if self._lives[target] != lives[1]:
            return False
        if self._lives[source] != lives[0]:
            # after kill -9, data that the kernel has already sent may still arrive
            return self._sides[source] == self._sides[target] and self._random.random() < 0.5
        return self.connected(source, target)
