"""Rejects requests to buckets that would lose concurrent writes.

Invariant: each node in use has confirmed safe properties for each bucket in use. Before the first use of a bucket, the
guard reads its properties from all nodes; a node that does not reply goes out of use. Before a node returns to use, the
guard reads the properties of all buckets in use from it. A service can therefore start while nodes are down, and no
write reaches a bucket through a node that has not been checked.

With a bucket type, which the operator creates, the guard only reads properties. Without a bucket type, the guard sets
`allow_mult` on the bucket if it is not set. The change spreads by gossip within seconds. Until then a write through
another node would lose a sibling, so the guard polls all reachable nodes until each of them reports the change.
"""

import asyncio
from collections.abc import Iterable

from notification.riak.client import RiakClient
from notification.riak.errors import BucketMisconfigured, RetryScope, RiakError, RiakErrorResponse, RiakUnavailable
from notification.riak.objects import BucketProperties
from notification.riak.properties import bucket_problem, creation_command, type_problem, unsafe_properties

_GOSSIP_POLL = 0.1


class BucketGuard:
    """Checks the buckets of `bucket_type` (`""`: Riak's default type). Create it before the first use of `client`.

    `gossip_timeout`: maximum seconds until every reachable node reports a new `allow_mult`.
    """

    def __init__(self, client: RiakClient, bucket_type: str, gossip_timeout: float = 15.0) -> None:
        self._client = client
        self._type = bucket_type
        self._gossip_timeout = gossip_timeout
        self._guarded: set[str] = set()
        self._checked: set[str] = set()
        self._checks: dict[str, asyncio.Task[None]] = {}
        client.set_admission(self._admit)

    async def start(self, buckets: Iterable[str]) -> tuple[str, ...]:
        """Check `buckets`. Returns the names of the unreachable nodes, which stay out of use until they are checked.

        Raises `BucketMisconfigured` or `RiakErrorResponse`, but not `RiakUnavailable`.
        """
        results = await asyncio.gather(*map(self._check, buckets), return_exceptions=True)
        for problem in results:
            if isinstance(problem, BaseException) and not isinstance(problem, RiakUnavailable):
                raise problem
        return tuple(node for node in self._client.nodes if self._client.down_reason(node) is not None)

    def is_ready(self, bucket: str) -> bool:
        """Whether the bucket has been checked."""
        return bucket in self._checked

    async def ready(self, bucket: str) -> None:
        """Check the bucket unless it has been checked before. Raises `RiakError`; `RiakUnavailable` at the deadline."""
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
        """Cancel all checks in progress."""
        checks = tuple(self._checks.values())
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)

    async def _check(self, bucket: str) -> None:
        # Hundreds of requests can need the same check. They share one task, which continues if one of them is
        # cancelled.
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
        # Added first, so that `_admit` checks this bucket on a node that returns to use during the check.
        self._guarded.add(bucket)
        prepared = False
        try:
            reported = await self._read_all(bucket)
            if not self._type:
                reported = await self._enable_siblings(bucket, reported)
            for node, properties in reported.items():
                self._expect_safe(node, bucket, properties)
            prepared = True
        finally:
            if not prepared:
                self._guarded.discard(bucket)

    async def _enable_siblings(self, bucket: str, reported: dict[str, BucketProperties]) -> dict[str, BucketProperties]:
        if any(set(unsafe_properties(properties)) - {"allow_mult"} for properties in reported.values()):
            return reported
        if not all(properties.allow_mult for properties in reported.values()):
            await self._client.set_allow_mult(bucket.encode(), node=next(iter(reported)))
        try:
            async with asyncio.timeout(self._gossip_timeout):
                while not all(properties.allow_mult for properties in reported.values()):
                    await asyncio.sleep(_GOSSIP_POLL)
                    reported = await self._read_all(bucket)
        except TimeoutError as error:
            stale = [node for node, properties in reported.items() if not properties.allow_mult]
            raise RiakUnavailable(dict.fromkeys(stale, f"does not report allow_mult=true for {bucket} yet")) from error
        return reported

    async def _read_all(self, bucket: str) -> dict[str, BucketProperties]:
        nodes = self._client.nodes
        answers = await asyncio.gather(*(self._ask(node, bucket) for node in nodes), return_exceptions=True)
        reported = {}
        for node, answer in zip(nodes, answers, strict=True):
            if isinstance(answer, BucketProperties):
                reported[node] = answer
            elif not isinstance(answer, RiakError) or answer.retry_scope is not RetryScope.NODE:
                raise answer
            elif self._client.down_reason(node) is None:
                # The node did not reply but is in use, so writes would go through it although it has not been checked.
                raise RiakUnavailable({node: str(answer)}) from answer
        if not reported:
            raise RiakUnavailable({node: self._client.down_reason(node) or "" for node in nodes})
        return reported

    async def _ask(self, node: str, bucket: str) -> BucketProperties:
        if self._type:
            problem = type_problem(self._type, await self._type_properties(node))
            if problem is not None:
                raise BucketMisconfigured(f"{node}: {problem}")
        return await self._client.get_bucket(bucket.encode(), bucket_type=self._type.encode(), node=node)

    async def _type_properties(self, node: str) -> BucketProperties:
        try:
            return await self._client.get_bucket_type(self._type.encode(), node=node)
        except RiakErrorResponse as error:
            if not error.text.startswith("Invalid bucket type"):
                raise
            missing = (
                f"{node}: there is no active bucket type {self._type}; create it with: {creation_command(self._type)}"
            )
            raise BucketMisconfigured(missing) from error

    def _expect_safe(self, node: str, bucket: str, properties: BucketProperties) -> None:
        problem = bucket_problem(bucket, self._type, properties)
        if problem is not None:
            raise BucketMisconfigured(f"{node}: {problem}")

    async def _admit(self, node: str) -> None:
        passed: set[str] = set()
        # One pass is not enough, because another bucket can come into use during a check.
        while unchecked := self._guarded - passed:
            bucket = min(unchecked)
            self._expect_safe(node, bucket, await self._ask(node, bucket))
            passed.add(bucket)
