"""Opens a connection: TCP, then STARTTLS and authentication if credentials are configured."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from notification.riak.connection import Connection
from notification.riak.errors import NodeUnavailable
from notification.riak.messages import Call, Code, frame, ignore_body, make_call
from notification.riak.options import Address, Options, SecurityCreds
from notification.riak.riak_pb2 import RpbAuthReq

Dial = Callable[[], Awaitable[Connection]]


def dialer(address: Address, options: Options, creds: SecurityCreds | None = None) -> Dial:
    """Return a function that opens connections to `address`.

    The certificates of `creds` are read immediately; this raises `OSError` if they can't be read. The returned function
    raises `NodeUnavailable` for failures of the network, the certificate or the node, and `SecurityError` if Riak
    rejects the credentials.
    """
    context = creds.tls_context() if creds else None

    async def dial() -> Connection:
        connection = Connection(options.max_frame)
        opened = False
        try:
            async with asyncio.timeout(options.connect_timeout):
                await asyncio.get_running_loop().create_connection(lambda: connection, *address)
                if creds and context:
                    await _start_tls(connection, context, creds.server_hostname or address.host)
            if creds:
                await _authenticate(connection, creds, options.auth_timeout)
            opened = True
        except TimeoutError as error:
            raise NodeUnavailable(f"no connection within {options.connect_timeout} s") from error
        except OSError as error:
            raise NodeUnavailable(str(error)) from error
        finally:
            if not opened:
                connection.abort()
        return connection

    return dial


async def _start_tls(connection: Connection, context: ssl.SSLContext, hostname: str) -> None:
    await connection.request(Call(frame(Code.START_TLS), Code.START_TLS, ignore_body))
    transport = None
    try:
        transport = await asyncio.get_running_loop().start_tls(
            connection.transport, connection, context, server_hostname=hostname
        )
    finally:
        # The event loop does not report a failed handshake to the protocol.
        connection.switch_transport(transport)


async def _authenticate(connection: Connection, creds: SecurityCreds, seconds: float) -> None:
    request = RpbAuthReq(user=creds.username.encode(), password=creds.password.encode())
    try:
        async with asyncio.timeout(seconds):
            await connection.request(make_call(Code.AUTH_REQ, request, Code.AUTH_RESP, ignore_body))
    except TimeoutError as error:
        raise NodeUnavailable(f"no reply to user and password within {seconds} s") from error
