"""STARTTLS, user and password: as a cluster with security on wants it, on both event loops."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from notification.riak.client import RiakClient
from notification.riak.errors import RiakUnavailable, SecurityError
from notification.riak.messages import Code, Frame
from notification.riak.options import Options, SecurityCreds
from notification.riak.riak_pb2 import RpbAuthReq
from tests.riak.conftest import Until
from tests.riak.scripted_node import Peer, Script, ScriptedNode, cut, error, hang, only, secured, value_of, welcome

QUICK = Options(connect_timeout=0.3, auth_timeout=0.3, deadline=0.8, first_pause=0.01, longest_pause=0.05)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name `riak.test`, signed by itself; its key is in the same file."""
    pem = tmp_path_factory.mktemp("tls") / "riak.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=riak.test", "-addext", "subjectAltName=DNS:riak.test"]
    subprocess.run([*command, *names, "-keyout", pem, "-out", pem.with_suffix(".crt")], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + pem.with_suffix(".crt").read_bytes())
    return pem


@pytest.fixture
def secure(certificate: Path) -> Callable[[Script], Script]:
    """A node's script: security is on, and this is what comes of user and password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return lambda verdict: secured(context, verdict)


@pytest.fixture
def creds(certificate: Path) -> SecurityCreds:
    return SecurityCreds(username="feeds", password="secret", cacert_file=str(certificate), server_hostname="riak.test")


async def get(node: ScriptedNode, creds: SecurityCreds | None, times: int = 1) -> list[bytes]:
    client = RiakClient([node.name], credentials=creds, options=QUICK)
    try:
        found = await asyncio.gather(*(client.get(b"b", b"%d" % number) for number in range(times)))
    finally:
        await client.close()
    return [each.siblings[0].value for each in found]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_requests_go_over_tls_once_user_and_password_are_accepted(
    secure: Callable[[Script], Script], creds: SecurityCreds, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        async with ScriptedNode(secure(welcome)) as node:
            assert await get(node, creds, times=20) == [value_of(b"b", b"%d" % number) for number in range(20)]
            (asked,) = {frame.body for frame in node.frames if frame.code == Code.AUTH_REQ}
            assert RpbAuthReq.FromString(asked) == RpbAuthReq(user=b"feeds", password=b"secret")

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scenario())


async def test_security_that_we_are_not_configured_for_is_said_so(
    node: ScriptedNode, secure: Callable[[Script], Script]
) -> None:
    node.script = secure(welcome)
    with pytest.raises(SecurityError, match="no user and password are configured"):
        await get(node, None)


async def test_a_refused_password_is_final(
    node: ScriptedNode, secure: Callable[[Script], Script], creds: SecurityCreds
) -> None:
    node.script = secure(error("Authentication failed"))
    with pytest.raises(SecurityError, match="rejects the configured user"):
        await get(node, creds)
    assert node.accepted == 1


async def test_a_password_is_never_sent_in_the_clear(node: ScriptedNode, creds: SecurityCreds) -> None:
    node.script = only(Code.START_TLS, error("Security not enabled; STARTTLS not allowed."))
    with pytest.raises(SecurityError, match="security is off"):
        await get(node, creds)
    assert set(node.asked) == {Code.START_TLS}


async def test_a_certificate_of_another_name_is_not_talked_to(
    node: ScriptedNode, secure: Callable[[Script], Script], certificate: Path
) -> None:
    node.script = secure(welcome)
    elsewhere = SecurityCreds(username="feeds", password="secret", cacert_file=str(certificate))
    with pytest.raises(RiakUnavailable, match=r"certificate"):
        await get(node, elsewhere)
    assert Code.AUTH_REQ not in node.asked


async def test_a_certificate_of_an_unknown_authority_is_not_talked_to(
    node: ScriptedNode, secure: Callable[[Script], Script]
) -> None:
    node.script = secure(welcome)
    with pytest.raises(RiakUnavailable, match=r"certificate"):
        await get(node, SecurityCreds(username="feeds", password="secret", server_hostname="riak.test"))


@pytest.mark.parametrize("stage", [Code.START_TLS, Code.AUTH_REQ], ids=["STARTTLS", "user and password"])
@pytest.mark.parametrize("fault", [hang, cut], ids=["hangs", "cuts"])
async def test_a_node_that_fails_on_the_way_in_is_unavailable(
    node: ScriptedNode, secure: Callable[[Script], Script], creds: SecurityCreds, stage: Code, fault: Script
) -> None:
    well = secure(welcome)

    async def script(request: Frame, peer: Peer) -> None:
        await (fault if request.code == stage else well)(request, peer)

    node.script = script
    with pytest.raises(RiakUnavailable):
        await get(node, creds)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_handshake_that_breaks_leaves_nothing_open(
    creds: SecurityCreds, loop: Callable[[], asyncio.AbstractEventLoop], until: Until
) -> None:
    async def no_tls(_request: Frame, peer: Peer) -> None:
        peer.send(Code.START_TLS)
        peer.writer.write(b"this is no handshake")

    async def scenario() -> None:
        async with ScriptedNode(no_tls) as node:
            with pytest.raises(RiakUnavailable):
                await get(node, creds)
            await until(lambda: not node.peers)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scenario())
