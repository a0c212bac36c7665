"""Log lines are written in batches, in order and in time, and none is lost if the process ends by itself."""

import asyncio
import io
import json
import subprocess
import sys
import threading
from itertools import pairwise
from typing import Any

import pytest

from notification.runtime.log_lines import MAX_WAITING, LogLines
from tests.waiting import until


class Writes(io.StringIO):
    """A file that keeps each write separately."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def write(self, text: str) -> int:
        self.made.append(text)
        return len(text)


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


async def test_lines_wait_for_each_other_and_are_written_once() -> None:
    stream = Writes()
    lines = LogLines(stream, delay=0.01)
    for number in range(3):
        lines.info(str(number))
    assert stream.made == []
    await until(lambda: bool(stream.made))
    assert stream.made == ["0\n1\n2\n"]
    lines.info("3")
    await until(lambda: len(stream.made) == 2)


def test_lines_that_are_written_early_start_no_more_timers() -> None:
    async def write() -> int:
        loop: Any = asyncio.get_running_loop()
        lines = LogLines(Writes(), delay=60)
        for _ in range(100):
            lines.info("waits")
            lines.error("urgent")
        return len(loop._scheduled)

    assert asyncio.run(write()) == 1


async def test_a_warning_is_written_at_once_after_the_lines_that_wait() -> None:
    stream = Writes()
    lines = LogLines(stream, delay=60)
    lines.info("first")
    lines.warning("second")
    assert stream.made == ["first\nsecond\n"]


async def test_many_lines_do_not_wait() -> None:
    stream = Writes()
    lines = LogLines(stream, delay=60)
    line = "x" * 1000
    for _ in range(1000):
        lines.info(line)
    assert all(len(write) < MAX_WAITING + 2000 for write in stream.made)
    assert sum(map(len, stream.made)) > 900_000


def test_without_a_loop_a_line_is_written_at_once() -> None:
    stream = Writes()
    lines = LogLines(stream)
    lines.info("one")
    assert stream.made == ["one\n"]


def test_lines_do_not_wait_for_a_loop_that_has_ended() -> None:
    stream = Writes()
    lines = LogLines(stream, delay=0.0001)

    async def write_and_end() -> None:
        lines.info("waits")

    asyncio.run(write_and_end())
    while not stream.made:  # until the deadline of the ended loop's timer has passed
        lines.info("next")
    assert stream.made[0].startswith("waits\n")


def test_lines_of_several_threads_are_all_written_each_in_its_order() -> None:
    stream = Writes()
    lines = LogLines(stream, delay=60)

    def write(name: str) -> None:
        for number in range(500):
            lines.info(f"{name} {number}")

    async def write_here() -> None:
        threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        write("c")
        await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
        lines.flush()

    asyncio.run(write_here())
    written = "".join(stream.made).splitlines()
    for name in "abc":
        numbers = [int(line.split()[1]) for line in written if line.startswith(name)]
        assert len(numbers) == 500
        assert all(one < other for one, other in pairwise(numbers))


@pytest.mark.parametrize("method", ["info", "error"])
def test_a_log_that_can_not_be_written_fails_nobody(method: str) -> None:
    lines = LogLines(Full())
    getattr(lines, method)("lost")
    lines.flush()


PROGRAM = """
import asyncio, sys, structlog
from notification.runtime.config import Logging
from notification.runtime.logs import set_up_logging
set_up_logging(Logging(format="json"))
async def main():
    structlog.get_logger().info("waits")
    {end}
asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "1 / 0"])
def test_lines_that_wait_are_written_when_the_process_ends(end: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(end=end)], capture_output=True, text=True, timeout=60, check=False
    )
    lines = [line for line in ended.stderr.splitlines() if line.startswith("{")]
    assert [json.loads(line)["event"] for line in lines] == ["waits"]
