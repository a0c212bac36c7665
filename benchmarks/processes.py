"""The processes of the benchmarks. The servers run on one core, the load generator on another."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

SERVER_CPU, LOAD_CPU = 0, 1


def free_port() -> int:
    """An unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*arguments: str, cpu: int = SERVER_CPU) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python` with these arguments until the block ends."""
    process = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
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
def service(folder: Path, settings: str = "") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the service on a file in `folder`. Yields the service's URL and process."""
    port = free_port()
    config = folder / f"config-{port}.yml"
    config.write_text(
        f"server: {{port: {port}}}\nembedded: {{path: {folder}/feeds.db}}\nlogging: {{requests: false}}\n{settings}"
    )
    with running("-m", "notification", "server", str(config)) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/ping")
        yield url, process


def wait_for(url: str, seconds: float = 30) -> float:
    """Wait until `url` replies. Returns the seconds of the wait."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return time.perf_counter() - began
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.005)
    raise TimeoutError(url)


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """The memory of a process in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)
