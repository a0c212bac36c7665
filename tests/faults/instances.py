"""Several real processes of the service on one store, and requests to each of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.riak_cluster import RiakCluster
from tests.service_process import ROOT, ServiceProcess


def on_riak(folder: Path, cluster: RiakCluster, **settings: str) -> Path:
    """Write a configuration for instances on a cluster to `folder`. `settings` are those of `riak:`."""
    riak = {"nodes": f"'{','.join(cluster.addresses)}'", "bucket_type": "notifications", **settings}
    lines = "".join(f"  {name}: {value}\n" for name, value in riak.items())
    path = folder / "config.yml"
    path.write_text(f"server: {{port: 0}}\nstorage: riak\nriak:\n{lines}")
    return path


class Instances:
    """Run `number` processes until the block ends, on a store in `folder` or on the one in `config`."""

    def __init__(self, number: int, folder: Path, config: Path | None = None) -> None:
        self.processes = [ServiceProcess(folder, config or ROOT / "config.yml") for _ in range(number)]
        self._stack = AsyncExitStack()
        self._http: aiohttp.ClientSession

    def __len__(self) -> int:
        return len(self.processes)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0)
        self._http = await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        await asyncio.gather(*(self._stack.enter_async_context(process) for process in self.processes))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @asynccontextmanager
    async def ask(
        self, number: int, method: str, path: str, key: str | None = None, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request to the instances by turns. `key`: its idempotency key."""
        url = self.processes[number % len(self)].url + path
        headers = {"Idempotency-Key": key} if key else {}
        async with self._http.request(method, url, headers=headers, **options) as reply:
            yield reply

    async def items(self, number: int, user: str) -> list[dict[str, str]]:
        """Return a user's feed as one of the instances shows it, without marking anything as seen."""
        async with self.ask(number, "GET", f"/v1/notifications/{user}?peek=true") as reply:
            assert reply.status in {200, 404}, await reply.text()
            return list(await reply.json()) if reply.status == 200 else []
