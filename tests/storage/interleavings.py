"""Run every order in which processes can take their steps, including deaths at every step.

A process is a function that takes its steps through a `Process`. For each step, it runs again from its start
with the results of the previous steps, so the code under test is that of the product.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final

SLOT: Final = 4
START: Final = 1
WORDS: Final = (0, 0, START, START, START)
"""The words of a new table with one slot."""
DEAD: Final = ("dead",)


class Untrue(AssertionError):
    """A process trusts a value although another one is committed."""


@dataclass(frozen=True, slots=True)
class World:
    """The results of the steps of each process, the committed value of each key, shared memory, and the process whose
    transaction is open. If that process dies, the kernel and SQLite undo its transaction."""

    logs: tuple[tuple[Any, ...], ...]
    values: tuple[int, ...] = (0, 0)
    words: tuple[int, ...] = WORDS
    holder: int | None = None


class _Next(BaseException):
    """Ends a run at the step that comes next."""

    def __init__(self, step: tuple[Any, ...]) -> None:
        self.step = step


class Process:
    """The steps that a process can take. It is also the process's view of shared memory."""

    def __init__(self, log: tuple[Any, ...]) -> None:
        self._results = iter(log)

    def _step(self, *step: Any) -> Any:
        for result in self._results:
            return result
        raise _Next(step)

    def __getitem__(self, index: int) -> int:
        return int(self._step("load", index))

    def __setitem__(self, index: int, value: int) -> None:
        self._step("store", index, value)

    def begin(self) -> None:
        """Begin a transaction. Waits until no other process has one."""
        self._step("begin")

    def commit(self, **values: int) -> None:
        """Commit new values of the keys `a` and `b`."""
        self._step("commit", values)

    def roll_back(self) -> None:
        """End the transaction without a change."""
        self._step("roll back")

    def select(self, key: str) -> int:
        """Read a committed value."""
        return int(self._step("select", key))

    def trust(self, key: str, value: int) -> None:
        """Use `value` without a read. It has to be the committed one at the time of the step before."""
        self._step("trust", key, value)


Program = Callable[[Process], None]
NextStep = Callable[[tuple[Any, ...]], tuple[Any, ...] | None]


def explore(*programs: Program) -> set[World]:
    """Run every order of steps and return every world that was reached. Raises `Untrue`.

    A process can die at every step of its transaction. The death of a process without a transaction is the
    same as an order in which the process takes no further step.
    """
    next_steps = [cache(partial(_next_step, program)) for program in programs]
    first = World(((),) * len(programs))
    seen, todo = {first}, [first]
    while todo:
        for world in _following(todo.pop(), next_steps):
            if world not in seen:
                seen.add(world)
                todo.append(world)
    return seen


def _following(world: World, next_steps: Iterable[NextStep]) -> Iterator[World]:
    for number, next_step in enumerate(next_steps):
        step = next_step(world.logs[number])
        if world.holder == number:
            yield replace(_logged(world, number, *DEAD, replaces=True), holder=None)
        if step is not None and (step[0] != "begin" or world.holder is None):
            after = _taken(world, number, step)
            trusted = next_step(after.logs[number])
            yield _trusting(after, number, trusted) if trusted and trusted[0] == "trust" else after


def _next_step(program: Program, log: tuple[Any, ...]) -> tuple[Any, ...] | None:
    if log == DEAD:
        return None
    try:
        program(Process(log))
    except _Next as found:
        return found.step
    return None


def _taken(world: World, number: int, step: tuple[Any, ...]) -> World:
    match step:
        case ("load", index):
            return _logged(world, number, world.words[index])
        case ("store", index, value):
            words = (*world.words[:index], value, *world.words[index + 1 :])
            return replace(_logged(world, number, None), words=words)
        case ("begin",):
            return replace(_logged(world, number, None), holder=number)
        case ("commit", values):
            changed = tuple(values.get(key, value) for key, value in zip("ab", world.values, strict=True))
            return replace(_logged(world, number, None), values=changed, holder=None)
        case ("roll back",):
            return replace(_logged(world, number, None), holder=None)
        case ("select", key):
            return _logged(world, number, world.values["ab".index(key)])
    raise AssertionError(step)


def _trusting(world: World, number: int, step: tuple[Any, ...]) -> World:
    _, key, value = step
    if world.values["ab".index(key)] != value:
        raise Untrue(world)
    return _logged(world, number, None)


def _logged(world: World, number: int, result: Any, *, replaces: bool = False) -> World:
    log = (result,) if replaces else (*world.logs[number], result)
    return replace(world, logs=(*world.logs[:number], log, *world.logs[number + 1 :]))
