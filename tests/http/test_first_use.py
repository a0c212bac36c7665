"""GraphQL and the API reference cost nothing before their first request, which does not delay any other request."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from notification.http.first_use import FirstUse
from tests.service_process import ServiceProcess
from tests.waiting import until

LAZY = ("strawberry", "graphql", "notification.http.graphql.schema", "notification.http.openapi.document")
QUERY = {"query": "{ rules { category } }"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    """The service, which logs each module that it imports."""
    async with ServiceProcess(tmp_path, PYTHONPROFILEIMPORTTIME="1") as process:
        yield process


@pytest.fixture
async def http(service: ServiceProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(service.url) as session:
        yield session


def imported(service: ServiceProcess) -> set[str]:
    """Return the modules that the process has imported."""
    lines = (line["event"] for line in service.lines)
    return {line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:")}


def has_begun(service: ServiceProcess) -> bool:
    return any(name.startswith("graphql.") for name in imported(service))


async def query(http: aiohttp.ClientSession) -> Any:
    async with http.post("/graphql", json=QUERY) as reply:
        assert reply.status == 200
        return await reply.json()


async def text(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as reply:
        assert reply.status == 200
        return await reply.text()


async def test_graphql_is_not_imported_before_its_first_request(
    service: ServiceProcess, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/ping", "/v1/rules", "/inbox/demo", "/admin", "/metrics"):
        await text(http, path)
    assert "notification.http.rest" in imported(service)
    assert imported(service).isdisjoint(LAZY)
    await query(http)
    await text(http, "/docs")
    await until(lambda: imported(service).issuperset(LAZY))


async def test_many_first_requests_are_all_answered(service: ServiceProcess, http: aiohttp.ClientSession) -> None:
    paths = ("/docs", "/openapi.json", "/v1/rules")
    answers, *texts = await asyncio.gather(
        asyncio.gather(*(query(http) for _ in range(20))),
        *(asyncio.gather(*(text(http, path) for _ in range(10))) for path in paths),
    )
    assert answers == [{"data": {"rules": []}}] * 20
    assert [len(set(equal)) for equal in texts] == [1, 1, 1]


async def test_a_service_that_stops_still_answers_its_first_queries(
    service: ServiceProcess, http: aiohttp.ClientSession
) -> None:
    queries = [asyncio.create_task(query(http)) for _ in range(8)]
    await until(lambda: has_begun(service))
    assert await service.end(signal.SIGTERM) == 0
    assert await asyncio.gather(*queries) == [{"data": {"rules": []}}] * 8


async def test_a_value_is_made_once_in_another_thread() -> None:
    value = FirstUse(lambda: (threading.get_ident(), object()))
    first, *others = await asyncio.gather(*(value.get() for _ in range(5)))
    assert all(one is first for one in (*others, await value.get()))
    assert first[0] != threading.get_ident()


async def test_a_value_that_is_not_needed_is_not_made_at_the_end() -> None:
    value = FirstUse(lambda: "value")
    assert await value.if_begun() is None
    waiting = asyncio.create_task(value.get())
    await asyncio.sleep(0)
    assert await value.if_begun() == await waiting == "value"


async def test_a_cancelled_request_does_not_spoil_the_value_for_others() -> None:
    go, made = threading.Event(), []

    def make() -> str:
        go.wait(10)
        made.append("value")
        return "value"

    value = FirstUse(make)
    first, second = asyncio.create_task(value.get()), asyncio.create_task(value.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    go.set()
    assert (await second, await value.get(), made) == ("value", "value", ["value"])


async def test_a_failure_is_raised_by_all_that_wait_and_the_next_tries_again() -> None:
    outcomes = iter([OSError("no more files"), "value"])

    def make() -> object:
        outcome = next(outcomes)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    value = FirstUse(make)
    failed = await asyncio.gather(value.get(), value.get(), return_exceptions=True)
    assert [str(one) for one in failed] == ["no more files"] * 2
    assert await value.if_begun() is None
    assert await value.get() == "value"
