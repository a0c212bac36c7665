"""Opens a connection: TCP, then TLS by STARTTLS and user and password where the cluster's security is on."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from notification.riak.connection import Connection
from notification.riak.errors import NodeUnavailable
from notification.riak.messages import Code, Exchange, exchange, frame, nothing
from notification.riak.options import Address, Options, SecurityCreds
from notification.riak.riak_pb2 import RpbAuthReq

Dial = Callable[[], Awaitable[Connection]]


def dialer(address: Address, options: Options, creds: SecurityCreds | None = None) -> Dial:
    """What opens connections to `address`; it reads `creds`' certificates now, once.

    It raises `NodeUnavailable` for all that is about the network, the certificate or the node; `SecurityError` where
    Riak's security refuses us.
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
    await connection.request(Exchange(frame(Code.START_TLS), Code.START_TLS, nothing))
    transport = None
    try:
        transport = await asyncio.get_running_loop().start_tls(
            connection.transport, connection, context, server_hostname=hostname
        )
    finally:
        # The loop tells a protocol nothing of a handshake that failed.
        connection.moved(transport)


async def _authenticate(connection: Connection, creds: SecurityCreds, patience: float) -> None:
    who = RpbAuthReq(user=creds.username.encode(), password=creds.password.encode())
    try:
        async with asyncio.timeout(patience):
            await connection.request(exchange(Code.AUTH_REQ, who, Code.AUTH_RESP, nothing))
    except TimeoutError as error:
        raise NodeUnavailable(f"no answer to user and password within {patience} s") from error
