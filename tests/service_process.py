"""Run the service in a separate process, start it as an operator would, and end it with a signal."""

import asyncio
import json
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
PROGRAMS = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
"""The environment in which the commands of the documentation find the programs of this Python's environment."""


class ServiceProcess:
    """Runs `python -m notification server` in `folder`, and keeps its log in `lines`. The system chooses the port.

    The process has a separate folder for temporary files, because a killed process does not remove these files.
    """

    def __init__(self, data: Path, config: Path = ROOT / "config.yml", folder: Path = ROOT, **environment: str) -> None:
        self._folder = folder
        self._environment = {**os.environ, "DATA": str(data), "HOST": "127.0.0.1", "PORT": "0", **environment}
        self._config = config
        self._stack = ExitStack()
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]
        self.lines: list[dict[str, Any]] = []
        self.url = ""

    async def __aenter__(self) -> "ServiceProcess":
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="service-process-"))
            self._environment["TMPDIR"] = folder
            await self.start()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        with self._stack:
            await self.end(signal.SIGKILL)

    async def start(self) -> None:
        """Return once the service listens."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "notification", "server", str(self._config),
            cwd=self._folder, env=self._environment, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(30):
            while not self.url:
                await self._read_line()
        self._reading = asyncio.create_task(self._read_on())

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal, wait until the process ends, and return its exit code."""
        if self._process.returncode is None:
            self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until the process ends by itself, and return its exit code."""
        async with asyncio.timeout(30):
            await self._reading
            code = await self._process.wait()
        self.url = ""
        return code

    async def _read_on(self) -> None:
        while await self._read_line():
            pass

    async def _read_line(self) -> bool:
        assert self._process.stderr
        line = await self._process.stderr.readline()
        assert line or self.url, f"it ended before it listened: {self.lines}"
        if line:
            self.lines.append(_parsed(line))
            self.url = self.url or self.lines[-1].get("url", "")
        return bool(line)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": line.decode()}
    return parsed
