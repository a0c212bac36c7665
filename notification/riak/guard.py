"""Keeps requests away from buckets that would lose concurrent writes, as the nodes that take them have them.

The rule: a node that is in use has every bucket that is in use checked. Before a bucket's first use all nodes are
asked for its properties; one that does not answer goes out of use. One that was out is asked before it is used again.
So a service starts while some nodes are down, or all, and still no write ever meets unchecked properties.

With a bucket type, which the operator made, properties are only read. Without one, `allow_mult` is set where it is
missing. That travels by gossip, for a second or two, and a write through a node that has not heard of it loses a
sibling: so every node that answers is polled until it has.
"""

import asyncio
from collections.abc import Iterable

from notification.riak.client import RiakClient
from notification.riak.errors import BucketMisconfigured, RetryScope, RiakError, RiakErrorResponse, RiakUnavailable
from notification.riak.objects import BucketProperties
from notification.riak.properties import bucket_complaint, flaws, type_complaint, type_creation

_GOSSIP_POLL = 0.1


class BucketGuard:
    """Guards the buckets of one type, `""`: Riak's default one. To be made before `client` is first used.

    `gossip_timeout`: seconds for a new `allow_mult` to reach every node that answers.
    """

    def __init__(self, client: RiakClient, bucket_type: str, gossip_timeout: float = 15.0) -> None:
        self._client = client
        self._type = bucket_type
        self._gossip_timeout = gossip_timeout
        self._guarded: set[str] = set()
        self._checked: set[str] = set()
        self._checks: dict[str, asyncio.Task[None]] = {}
        client.admit_by(self._admit)

    async def start(self, buckets: Iterable[str]) -> tuple[str, ...]:
        """Check `buckets` now. Returns the nodes that could not be asked; they are not used before they were.

        Raises `BucketMisconfigured`, or what Riak refused (`RiakErrorResponse`).
        """
        results = await asyncio.gather(*map(self._check, buckets), return_exceptions=True)
        for problem in results:
            if isinstance(problem, BaseException) and not isinstance(problem, RiakUnavailable):
                raise problem
        return tuple(node for node in self._client.nodes if self._client.out(node) is not None)

    async def ready(self, bucket: str) -> None:
        """Returns at once for a bucket that is checked, else checks it. Raises `RiakError`."""
        if bucket in self._checked:
            return
        try:
            async with asyncio.timeout(self._client.options.deadline):
                await self._check(bucket)
        except TimeoutError as error:
            raise RiakUnavailable(
                dict.fromkeys(self._client.nodes, f"bucket {bucket} is still being checked")
            ) from error

    async def close(self) -> None:
        """Stop what is being checked."""
        checks = tuple(self._checks.values())
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)

    async def _check(self, bucket: str) -> None:
        # All who need it share one check, which outlives any one of them: hundreds may come at once.
        check = self._checks.get(bucket)
        if check is None:
            check = asyncio.get_running_loop().create_task(self._prepare(bucket), name=f"check of bucket {bucket}")
            self._checks[bucket] = check
            check.add_done_callback(lambda done: self._note(bucket, done))
        await asyncio.wait((check,))
        if check.cancelled():
            raise RiakUnavailable(dict.fromkeys(self._client.nodes, "the client is closed"))
        check.result()

    def _note(self, bucket: str, check: asyncio.Task[None]) -> None:
        del self._checks[bucket]
        if not check.cancelled() and check.exception() is None:
            self._checked.add(bucket)

    async def _prepare(self, bucket: str) -> None:
        # From here on no node comes back into use without this bucket's check, so none slips past the one below.
        self._guarded.add(bucket)
        prepared = False
        try:
            found = await self._ask_all(bucket)
            if not self._type:
                found = await self._let_siblings_be(bucket, found)
            for node, properties in found.items():
                self._judge(node, bucket, properties)
            prepared = True
        finally:
            if not prepared:
                self._guarded.discard(bucket)

    async def _let_siblings_be(self, bucket: str, found: dict[str, BucketProperties]) -> dict[str, BucketProperties]:
        if any(set(flaws(properties)) - {"allow_mult"} for properties in found.values()):
            return found
        if not all(properties.allow_mult for properties in found.values()):
            await self._client.set_allow_mult(bucket.encode(), node=next(iter(found)))
        try:
            async with asyncio.timeout(self._gossip_timeout):
                while not all(properties.allow_mult for properties in found.values()):
                    await asyncio.sleep(_GOSSIP_POLL)
                    found = await self._ask_all(bucket)
        except TimeoutError as error:
            deaf = [node for node, properties in found.items() if not properties.allow_mult]
            raise RiakUnavailable(dict.fromkeys(deaf, f"has not heard of allow_mult=true for {bucket}")) from error
        return found

    async def _ask_all(self, bucket: str) -> dict[str, BucketProperties]:
        nodes = self._client.nodes
        answers = await asyncio.gather(*(self._ask(node, bucket) for node in nodes), return_exceptions=True)
        found = {}
        for node, answer in zip(nodes, answers, strict=True):
            if isinstance(answer, BucketProperties):
                found[node] = answer
            elif not isinstance(answer, RiakError) or answer.blame is not RetryScope.NODE:
                raise answer
            elif self._client.out(node) is None:
                # It did not answer, and is in use all the same: there is no saying what it would do with this bucket.
                raise RiakUnavailable({node: str(answer)}) from answer
        if not found:
            raise RiakUnavailable({node: self._client.out(node) or "" for node in nodes})
        return found

    async def _ask(self, node: str, bucket: str) -> BucketProperties:
        if self._type:
            complaint = type_complaint(self._type, await self._type_properties(node))
            if complaint is not None:
                raise BucketMisconfigured(f"{node}: {complaint}")
        return await self._client.get_bucket(bucket.encode(), bucket_type=self._type.encode(), node=node)

    async def _type_properties(self, node: str) -> BucketProperties:
        try:
            return await self._client.get_bucket_type(self._type.encode(), node=node)
        except RiakErrorResponse as error:
            if not error.text.startswith("Invalid bucket type"):
                raise
            missing = f"{node}: there is no active bucket type {self._type}; make it with: {type_creation(self._type)}"
            raise BucketMisconfigured(missing) from error

    def _judge(self, node: str, bucket: str, properties: BucketProperties) -> None:
        complaint = bucket_complaint(bucket, self._type, properties)
        if complaint is not None:
            raise BucketMisconfigured(f"{node}: {complaint}")

    async def _admit(self, node: str) -> None:
        passed: set[str] = set()
        # Not one pass over the buckets: another may come into use while this node is being asked.
        while waiting := self._guarded - passed:
            bucket = min(waiting)
            self._judge(node, bucket, await self._ask(node, bucket))
            passed.add(bucket)
