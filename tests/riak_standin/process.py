"""The stand-in as a process of its own: `python -m tests.riak_cluster`."""

import asyncio
import json
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from tests.riak_cluster import RiakCluster
from tests.riak_standin.control import Control
from tests.riak_standin.door import HOST
from tests.riak_standin.members import Timing


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a cluster until SIGTERM or SIGINT."""
    asyncio.run(_run(_parser().parse_args(arguments)))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.riak_cluster", description="A stand-in for a Riak cluster.")
    parser.add_argument("--nodes", type=int, default=3, metavar="N")
    parser.add_argument("--ports", type=_ports, default=(), metavar="P,P,…", help="one for each node; else any free")
    parser.add_argument("--control", type=int, metavar="PORT", help="take orders there, JSON line by line; 0: any free")
    parser.add_argument("--bucket-type", action="append", default=[], metavar='NAME[={"allow_mult": false}]')
    parser.add_argument("--security", metavar="USER:PASSWORD", help="demand TLS and this user")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which messages between nodes arrive")
    parser.add_argument("--hop", type=float, default=Timing.hop, metavar="SECONDS", help="longest way between nodes")
    parser.add_argument("--gossip", type=float, default=Timing.gossip, metavar="SECONDS")
    parser.add_argument("--reap", type=float, default=Timing.reap, metavar="SECONDS", help="that tombstones are kept")
    parser.add_argument("--until-eof", action="store_true", help="end with standard input, too")
    return parser


def _ports(text: str) -> tuple[int, ...]:
    return tuple(int(port) for port in text.split(","))


def _cluster(options: Namespace) -> RiakCluster:
    user, _, password = (options.security or "").partition(":")
    return RiakCluster(
        len(options.ports) or options.nodes,
        ports=options.ports,
        bucket_types=dict(map(_bucket_type, options.bucket_type)),
        timing=Timing(hop=options.hop, gossip=options.gossip, reap=options.reap),
        seed=options.seed,
        security=bool(options.security),
        user=user,
        password=password,
    )


def _bucket_type(text: str) -> tuple[str, dict[str, Any]]:
    name, _, properties = text.partition("=")
    return name, json.loads(properties or "{}")


async def _run(options: Namespace) -> None:
    ended = _end(until_eof=options.until_eof)
    async with _cluster(options) as cluster:
        _say("addresses", ",".join(cluster.addresses))
        if options.security:
            _say("certificate", str(cluster.certificate))
        if options.control is None:
            await ended.wait()
        else:
            await _controlled(cluster, options.control, ended)


async def _controlled(cluster: RiakCluster, port: int, ended: asyncio.Event) -> None:
    control = Control(cluster)
    async with await control.open(port) as server:
        _say("control", f"{HOST}:{server.sockets[0].getsockname()[1]}")
        await ended.wait()
        control.close()


def _end(*, until_eof: bool) -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if until_eof:
        loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 4096) else ended.set())
    return ended


def _say(what: str, value: str) -> None:
    sys.stdout.write(f"{what} {value}\n")
    sys.stdout.flush()
