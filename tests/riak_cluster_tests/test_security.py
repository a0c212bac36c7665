"""Riak's security: TLS on the same socket, then a user and a password."""

import ssl
from collections.abc import AsyncIterator

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster import RiakCluster
from tests.riak_cluster_tests.client import Client, ReplyError
from tests.riak_cluster_tests.expecting import says, until

GOOD = pb.RpbAuthReq(user=b"somebody", password=b"secret")


@pytest.fixture
async def secured() -> AsyncIterator[RiakCluster]:
    types: dict[str, dict[str, bool]] = {"multi": {}}
    async with RiakCluster(1, bucket_types=types, security=True, user="somebody", password="secret") as cluster:
        yield cluster


@pytest.fixture
async def encrypted(secured: RiakCluster) -> AsyncIterator[Client]:
    async with Client(secured.addresses[0]) as client:
        await client.start_tls(ssl.create_default_context(cafile=secured.certificate))
        yield client


async def test_an_admitted_client_is_served(encrypted: Client) -> None:
    assert await encrypted.ask(253, GOOD) == 254
    await encrypted.put("k", b"v" * 100_000)
    assert await encrypted.values("k") == [b"v" * 100_000]


async def test_tls_is_not_enough(encrypted: Client) -> None:
    with pytest.raises(ReplyError, match="authenticate first"):
        await encrypted.ask(1)


async def test_a_wrong_password_is_refused_and_the_right_one_still_admits(encrypted: Client) -> None:
    with says("Authentication failed"):
        await encrypted.ask(253, pb.RpbAuthReq(user=b"somebody", password=b"wrong"))
    assert await encrypted.ask(253, GOOD) == 254


async def test_a_client_that_does_not_trust_the_certificate_gets_no_further(secured: RiakCluster) -> None:
    async with Client(secured.addresses[0]) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            await client.start_tls(ssl.create_default_context())


async def test_a_client_that_speaks_no_tls_after_all_is_dropped(secured: RiakCluster) -> None:
    async with Client(secured.addresses[0]) as client:
        await client.ask(255)
        client.writer.write(b"\x00\x00\x00\x01\x01" * 100)
        await until(lambda: secured.connections(0) == 0)


async def test_a_secured_node_can_be_killed(secured: RiakCluster, encrypted: Client) -> None:
    await encrypted.ask(253, GOOD)
    secured.kill(0)
    with pytest.raises((ConnectionError, EOFError)):
        await encrypted.ask(1)


async def test_without_security_tls_is_refused(client: Client) -> None:
    with says("Security not enabled; STARTTLS not allowed."):
        await client.ask(255)
