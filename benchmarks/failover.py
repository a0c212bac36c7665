"""Measure the cost of a killed node: `python -m benchmarks.failover`.

Eight clients write to the service on three stand-in nodes, before and after one node is killed. The program prints
the 99th percentile of the latency for each second, and the number of failed requests.
"""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import quantiles

import aiohttp

from tests.riak_cluster import RiakCluster
from tests.service_process import ServiceProcess

CLIENTS = 8
BEFORE, AFTER = 6, 10


async def main() -> None:
    """Run the benchmark and print the results."""
    async with RiakCluster(nodes=3, bucket_types={"notifications": {}}) as cluster:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "config.yml"
            nodes = ",".join(cluster.addresses)
            riak = f"storage: riak\nriak: {{nodes: '{nodes}', bucket_type: notifications}}\n"
            config.write_text("server: {port: 0}\nlogging: {requests: false}\n" + riak)
            async with ServiceProcess(Path(folder), config) as process:
                await _measure(cluster, process.url)


async def _measure(cluster: RiakCluster, url: str) -> None:
    seconds: dict[int, list[float]] = defaultdict(list)
    failed: list[tuple[float, int]] = []
    began = time.monotonic()

    async def write(client: int, http: aiohttp.ClientSession) -> None:
        number = 0
        while (at := time.monotonic() - began) < BEFORE + AFTER:
            number += 1
            body = {"category": "like", "message": "hello"}
            async with http.post(f"{url}/v1/notifications/user-{client}-{number % 50}", json=body) as reply:
                if reply.status != 201:
                    failed.append((at, reply.status))
            seconds[int(at)].append(time.monotonic() - began - at)

    async with aiohttp.ClientSession() as http:
        asyncio.get_running_loop().call_later(BEFORE, cluster.kill, 1)
        await asyncio.gather(*(write(client, http) for client in range(CLIENTS)))
    for second, spent in sorted(seconds.items()):
        p99 = quantiles(spent, n=100)[98] * 1000
        print(f"{second - BEFORE:>4} s  {len(spent):>6} requests  p99 {p99:>7.1f} ms")
    print(f"failed: {len(failed)} of {sum(map(len, seconds.values()))}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
