"""Generate load with wrk. Install wrk with `apt-get install wrk` on Debian or `brew install wrk` on macOS."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.processes import LOAD_CPU, cpu_seconds
from benchmarks.ratios import Rate

_POST = """
local n = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{{"category":"like","message":"Ada liked your post","properties":{{"post":"42"}}}}'
request = function()
  n = n + 1
  {key}
  return wrk.format(nil, "/v1/notifications/{prefix}" .. (n % {users}))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to one server: GETs of a path with headers, or POSTs to `users` users in turn.

    `keyed`: each POST has a new idempotency key.
    """

    url: str
    path: str = "/"
    headers: tuple[str, ...] = ()
    connections: int = 16
    users: int = 0
    keyed: bool = False

    def run(self, seconds: float, folder: Path, pid: int) -> Rate:
        """Run the load for `seconds` and measure the process `pid`. Raises `RuntimeError` if a request failed."""
        arguments = ["-t1", f"-c{self.connections}", f"-d{seconds:g}s"]
        for header in self.headers:
            arguments += ["-H", header]
        if self.users:
            script = folder / "post.lua"
            script.write_text(_POST.format(prefix=self.path, users=self.users, key=_key() if self.keyed else ""))
            arguments += ["-s", str(script), self.url]
        else:
            arguments.append(self.url + self.path)
        before = cpu_seconds(pid)
        done, per_second = _wrk(arguments)
        return Rate(per_second, (cpu_seconds(pid) - before) / done * 1_000_000)


def _key() -> str:
    """Return a line of Lua that sets the idempotency key. The keys of two runs differ."""
    return f'wrk.headers["Idempotency-Key"] = "{uuid4()}-" .. n'


def check_installed() -> None:
    """Raise `SystemExit` if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise SystemExit(__doc__)


def _wrk(arguments: list[str]) -> tuple[int, float]:
    """Run wrk. Returns the number of requests and the requests per second."""
    pinned = ["taskset", "-c", str(LOAD_CPU)] if shutil.which("taskset") else []
    done = subprocess.run([*pinned, "wrk", *arguments], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    rate, answered = (
        re.search(rf"{what}", done.stdout) for what in (r"Requests/sec:\s+([\d.]+)", r"(\d+) requests in")
    )
    if rate is None or answered is None:
        raise RuntimeError(done.stdout)
    return int(answered[1]), float(rate[1])
