"""Writers that record every acknowledgement, and random faults from a seed."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from tests.riak_cluster import RiakCluster

USERS = [f"user-{number}" for number in range(20)]


@dataclass
class Promises:
    """The acknowledged changes by user, and the outcomes of all requests."""

    created: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    removed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    perhaps_removed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    cursors: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    statuses: Counter[int] = field(default_factory=Counter)
    unavailable: list[tuple[float, float]] = field(default_factory=list)
    went_back: list[str] = field(default_factory=list)


class Writer:
    """Run a client of several instances that creates, removes, reads and moves cursors until it is time to stop."""

    def __init__(self, http: aiohttp.ClientSession, urls: list[str], promises: Promises, seed: int) -> None:
        self._http = http
        self._urls = urls
        self._promises = promises
        self._dice = random.Random(seed)

    async def write_until(self, end: float) -> None:
        while time.monotonic() < end:
            user, url = self._dice.choice(USERS), self._dice.choice(self._urls)
            action = self._dice.choices([self._create, self._remove, self._read, self._see], [6, 2, 1, 1])[0]
            await action(user, url)

    async def _create(self, user: str, url: str) -> None:
        body = {"category": "like", "message": "hello"}
        status, answer = await self._ask("POST", f"{url}/v1/notifications/{user}", json=body)
        if status == 201:
            self._promises.created[user].add(answer["id"])

    async def _remove(self, user: str, url: str) -> None:
        if not self._promises.created[user]:
            return
        id_ = self._dice.choice(sorted(self._promises.created[user])[-50:])
        self._promises.perhaps_removed[user].add(id_)
        status, _ = await self._ask("DELETE", f"{url}/v1/notifications/{user}?ids={id_}")
        if status == 204:
            self._promises.removed[user].add(id_)

    async def _read(self, user: str, url: str) -> None:
        await self._ask("GET", f"{url}/v1/notifications/{user}")

    async def _see(self, user: str, url: str) -> None:
        if not self._promises.created[user]:
            return
        value = self._dice.choice(sorted(self._promises.created[user]))
        status, _ = await self._ask("PUT", f"{url}/v1/cursors/{user}/reader", json={"value": value})
        if status == 204:
            self._promises.cursors[user] = max(self._promises.cursors[user], value)

    async def _ask(self, method: str, url: str, **options: object) -> tuple[int, dict[str, str]]:
        began = time.monotonic()
        async with self._http.request(method, url, **options) as reply:  # type: ignore[arg-type]  # passed on as they are
            self._promises.statuses[reply.status] += 1
            if reply.status == 503:
                self._promises.unavailable.append((began, time.monotonic()))
            return reply.status, (await reply.json()) if reply.status == 201 else {}


class Faults:
    """Kills and starts nodes, partitions and heals the cluster, and makes nodes hang, with one fault after the other.

    `fewer`: the times during which fewer than a quorum of nodes could answer.
    """

    def __init__(self, cluster: RiakCluster, nodes: int, seed: int) -> None:
        self._cluster = cluster
        self._nodes = nodes
        self._dice = random.Random(seed)
        self._down: set[int] = set()
        self._troubled: Counter[int] = Counter()
        self._since: float | None = None
        self.fewer: list[tuple[float, float]] = []
        self.happened: Counter[str] = Counter()

    async def happen_until(self, end: float) -> None:
        while time.monotonic() < end:
            await self._one()
            await asyncio.sleep(self._dice.uniform(0.1, 0.8))
        self.heal_all()

    def heal_all(self) -> None:
        self._cluster.heal()
        for node in range(self._nodes):
            self._start(node)
            self._cluster.behave(node)

    async def _one(self) -> None:
        node = self._dice.randrange(self._nodes)
        fault: Callable[[int], Awaitable[None] | None] = self._dice.choice(
            [self._kill, self._kill, self._start, self._start, self._start, self._part, self._heal, self._heal,
             self._hang, self._slow, self._cut, self._starting]
        )  # fmt: skip
        self.happened[fault.__name__.strip("_")] += 1
        fault(node)

    def _kill(self, node: int) -> None:
        if node not in self._down:
            self._cluster.kill(node)
            self._down.add(node)
            self._note()

    def _start(self, node: int) -> None:
        if node in self._down:
            self._cluster.start(node)
            self._down.discard(node)
            self._note()

    def _part(self, node: int) -> None:
        self._cluster.part([[node], [other for other in range(self._nodes) if other != node]])

    def _heal(self, _: int) -> None:
        self._cluster.heal()

    def _hang(self, node: int) -> None:
        self._cluster.hang(node)
        self._trouble(node, 0.7)

    def _slow(self, node: int) -> None:
        self._cluster.slow(node, 0.2)
        asyncio.get_running_loop().call_later(0.7, self._cluster.behave, node)

    def _starting(self, node: int) -> None:
        self._cluster.starting(node)
        self._trouble(node, 0.5)

    def _cut(self, node: int) -> None:
        self._cluster.cut(node, replies=3)

    def _trouble(self, node: int, seconds: float) -> None:
        """Count the node as unable to answer for `seconds`. Then end its faults."""
        self._troubled[node] += 1
        self._note()
        asyncio.get_running_loop().call_later(seconds, self._behave, node)

    def _behave(self, node: int) -> None:
        self._troubled[node] -= 1
        self._cluster.behave(node)
        self._note()

    def _note(self) -> None:
        silent = self._down | {node for node, times in self._troubled.items() if times}
        fewer = self._nodes - len(silent) < 2
        if fewer and self._since is None:
            self._since = time.monotonic()
        elif not fewer and self._since is not None:
            self.fewer.append((self._since, time.monotonic()))
            self._since = None
