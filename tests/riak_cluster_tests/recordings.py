"""The recorded scenarios, and their replay against a cluster."""

import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import REPLIES, Client

FOLDER = Path(__file__).parents[1] / "riak" / "recordings"
PORTS = (8087, 8187, 8287)
REQUESTS: dict[int, type[Message]] = {9: pb.RpbGetReq, 11: pb.RpbPutReq, 13: pb.RpbDelReq}


class Step(NamedTuple):
    """A request to a node, and what answered it; `None` where the connection was closed instead."""

    node: int
    request: bytes
    responses: list[bytes | None]


class Scenario(NamedTuple):
    """One recorded scenario."""

    name: str
    steps: list[Step]


def scenarios() -> Iterator[Scenario]:
    """All of them, from every file."""
    for path in sorted(FOLDER.glob("*.json")):
        for name, scenario in json.loads(path.read_text())["scenarios"].items():
            yield Scenario(name, [_step(step) for step in scenario["steps"]])


def _step(step: dict[str, Any]) -> Step:
    responses = [bytes.fromhex(answer.get("hex", "")) or None for answer in step["responses"]]
    return Step(PORTS.index(step["node"]), bytes.fromhex(step["request_hex"]), responses)


def outcome(response: bytes | None) -> Any:
    """What a response comes to: all but vclocks' and vtags' bytes, times, and the order of siblings."""
    if response is None:
        return "connection closed"
    code, body = response[4], response[5:]
    if code not in REPLIES:
        return code
    reply: Any = REPLIES[code].FromString(body)
    told = {field.name: value for field, value in reply.ListFields()}
    if "vclock" in told:
        told["vclock"] = "present"
    if "content" in told:
        told["content"] = sorted(map(_content, told["content"]), key=repr)
    if "errmsg" in told:
        told["errmsg"] = _error(told["errmsg"])
    return code, told


def _content(content: pb.RpbContent) -> dict[str, Any]:
    varying = ("vtag", "last_mod", "last_mod_usecs")
    return {field.name: ("present" if field.name in varying else value) for field, value in content.ListFields()}


def _error(text: bytes) -> bytes:
    """An error's text; of a stack trace only where it begins: what went wrong, with which bytes, in which message."""
    failure = re.match(rb".*gpb_error.*?>>,\w+", b"".join(text.split()))
    return failure[0] if failure else text


class Replay:
    """Plays a scenario. Recorded vclocks become those that this cluster gave out in their place."""

    def __init__(self, cluster: RiakCluster) -> None:
        self._cluster = cluster
        self._vclocks: dict[bytes, bytes] = {}
        self._clients: dict[int, Client] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Replay":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def answers(self, step: Step) -> list[bytes | None]:
        """What answers a recorded request here."""
        client = self._clients.get(step.node) or await self._connect(step.node)
        client.writer.write(self._translated(step.request))
        answers = [await self._answer(client, step.node) for _ in step.responses]
        for recorded, answer in zip(step.responses, answers, strict=True):
            self._learn(recorded, answer)
        return answers

    async def _connect(self, node: int) -> Client:
        self._clients[node] = await self._stack.enter_async_context(Client(self._cluster.addresses[node]))
        return self._clients[node]

    async def _answer(self, client: Client, node: int) -> bytes | None:
        try:
            code, body = await client.receive()
        except (EOFError, ConnectionError):
            del self._clients[node]
            return None
        return (len(body) + 1).to_bytes(4, "big") + bytes([code]) + body

    def _learn(self, recorded: bytes | None, answer: bytes | None) -> None:
        ours, theirs = _vclock(answer), _vclock(recorded)
        if ours and theirs:
            self._vclocks[theirs] = ours

    def _translated(self, request: bytes) -> bytes:
        if request[4] not in REQUESTS:
            return request
        try:
            message: Any = REQUESTS[request[4]].FromString(request[5:])
        except DecodeError:  # a body that is malformed on purpose goes out as it is
            return request
        for field, recorded in message.ListFields():
            if field.name in ("vclock", "if_modified"):
                setattr(message, field.name, self._vclocks[recorded])
        body: bytes = message.SerializeToString()
        return (len(body) + 1).to_bytes(4, "big") + request[4:5] + body


def _vclock(response: bytes | None) -> bytes | None:
    if response is None or response[4] not in (10, 12):
        return None
    reply: Any = REPLIES[response[4]].FromString(response[5:])
    vclock: bytes = reply.vclock
    return vclock
