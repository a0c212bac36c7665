"""The processes of the benchmarks. The servers run on one core, the load generator on another."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

SERVER_CPU, LOAD_CPU = 0, 1
SERVICE = ("-m", "notification")
"""The program of the service. For a profile, `benchmarks.profiled` runs in its place."""
WITHOUT_LINES = "logging: {requests: false}\n"


class Setup(NamedTuple):
    """What all benchmarks share: a temporary folder, the seconds of each load, and the Python that runs the servers."""

    folder: Path
    seconds: float
    python: str = sys.executable


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    *arguments: str, cpu: int = SERVER_CPU, python: str = sys.executable, log: Path = Path(os.devnull)
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python` with these arguments until the block ends. Its output goes to the file `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen([python, *arguments], stderr=output, stdout=output)
    pin(process.pid, cpu)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def pin(pid: int, cpu: int) -> None:
    """Pin a process to one core if there are several."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {cpu})


@contextmanager
def service(
    setup: Setup, folder: Path, settings: str = "", program: Sequence[str] = SERVICE
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the service on a file in `folder`. Yields the service's URL and process.

    `settings` are added to the shipped configuration, in which the service logs a line of JSON for each request. The
    log goes to a file.
    """
    port = free_port()
    config = folder / f"config-{port}.yml"
    config.write_text(f"server: {{port: {port}}}\nembedded: {{path: {folder}/feeds.db}}\n{settings}")
    log = folder / f"log-{port}"
    with running(*program, "server", str(config), python=setup.python, log=log) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/ping")
        yield url, process


@contextmanager
def bare_handler(setup: Setup, bodies: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the bare handler, with a file of `bodies` for each user. Yields its URL and process."""
    url, port = "http://127.0.0.1", free_port()
    with running("-m", "benchmarks.bare", str(port), str(bodies), python=setup.python) as process:
        wait_for(f"{url}:{port}/v1/notifications/{next(bodies.iterdir()).name}")
        yield f"{url}:{port}", process


def wait_for(url: str, seconds: float = 30) -> float:
    """Wait until `url` replies, and return the seconds that this took. Raises `TimeoutError`."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return time.perf_counter() - began
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.005)
    raise TimeoutError(url)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)
