"""The memory of broken requests is freed without the garbage collector, which would pause the process."""

import gc
import json
from collections.abc import Iterator

import pytest

from notification.runtime.connection import Connection
from tests.faults.crowd import connections
from tests.http.conftest import Client, OpenClient
from tests.waiting import until

HEAD = (
    b"POST /v1/notifications/test HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
)


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> int:
    """Return the number of connections in memory."""
    return sum(isinstance(one, Connection) for one in gc.get_objects())


async def send(client: Client, data: bytes) -> None:
    """Send these bytes on ten connections, and disconnect."""
    async with connections(str(client.http.make_url("")), 10, data):
        pass


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("data", [b"", b"GET /pi", HEAD, HEAD + b"{" * 20, b"junk\r\n\r\n"])
async def test_a_connection_that_its_client_breaks_off_is_freed_at_once(client: Client, data: bytes) -> None:
    await client.post()
    before = held()
    await send(client, data)
    await until(lambda: held() <= before)


@pytest.mark.usefixtures("without_collector")
async def test_a_connection_whose_body_is_late_is_freed_at_once(open_client: OpenClient) -> None:
    client = await open_client(f"server: {json.dumps({'body_timeout': '200 ms'})}")
    await client.post()
    before = held()
    async with connections(str(client.http.make_url("")), 10, HEAD) as pairs:
        for reader, _ in pairs:
            assert b"408" in await reader.readline()
    await until(lambda: held() <= before)
