"""Controls the cluster from another process: one JSON object a line in, one out.

    {"do": "kill", "node": 1}                        -> {"ok": null}
    {"do": "part", "sides": [[0], [1, 2]]}           -> {"ok": null}
    {"do": "siblings", "bucket": "b", "key": "k"}    -> {"ok": ["76616c7565"]}     (bytes as hexadecimal)
    {"do": "nonsense"}                               -> {"error": "…"}

`do` names a method of `RiakCluster`; the other keys are its arguments.
"""

import asyncio
import json
from inspect import isawaitable
from typing import Any

from tests.riak_cluster import RiakCluster
from tests.riak_standin.door import HOST

SWITCHES = ("refuse", "hang", "slow", "starting", "overload", "cut", "behave", "kill", "start", "part", "heal")
QUESTIONS = ("requests", "values_sent", "values_received", "connections", "siblings", "most_siblings", "settled")


class Control:
    """The control channel of one cluster."""

    def __init__(self, cluster: RiakCluster) -> None:
        self._cluster = cluster
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self, port: int) -> asyncio.Server:
        """Start to listen; with port 0 the system chooses one."""
        return await asyncio.start_server(self._serve, HOST, port)

    def close(self) -> None:
        """Close all connections."""
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass  # the driver has disconnected and needs no reply
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": _plain(await self._do(json.loads(line)))}
        except (ValueError, TypeError, KeyError, IndexError, TimeoutError) as wrong:
            return {"error": f"{type(wrong).__name__}: {wrong}"}

    async def _do(self, order: dict[str, Any]) -> Any:
        if order["do"] == "addresses":
            return self._cluster.addresses
        if order["do"] not in SWITCHES + QUESTIONS:
            raise ValueError(f"{order['do']} is none of {', '.join(('addresses', *SWITCHES, *QUESTIONS))}")
        arguments = {name: value for name, value in order.items() if name != "do"}
        result = getattr(self._cluster, order["do"])(**arguments)
        return await result if isawaitable(result) else result


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return result.hex() if isinstance(result, bytes) else result
