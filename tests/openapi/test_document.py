"""`/openapi.json` says what the service does, all of it; `/docs` shows it."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from notification.http.openapi.document import AREAS, make_document
from notification.http.openapi.operation import Body, Operation
from notification.http.openapi.shared import ERRORS
from tests.http.conftest import Client, client, clock, open_client
from tests.service_process import ROOT, ServiceProcess

__all__ = ["client", "clock", "open_client"]

OPERATIONS = [operation for _, area in AREAS.values() for operation in area]
SCHEMATHESIS = [
    "--config-file", str(ROOT / "tests/openapi/schemathesis.toml"), "run", "--checks", "all", "--seed", "1",
    "--max-examples", "25", "--no-color",
    # It takes whatever lies at or below a path for gone once the path was deleted; but of a feed that is not there the
    # counts are 0, and a removal of some notifications leaves the others.
    "--exclude-checks", "use_after_free",
    # A stream does not end; tests/http/test_stream.py listens to it.
    "--exclude-operation-id", "streamNotifications",
]  # fmt: skip


def bodies(operation: Operation) -> list[Body]:
    answered = [body for reply in operation.replies.values() for body in reply.bodies]
    return [*operation.bodies, *answered]


async def test_every_route_is_documented(client: Client) -> None:
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in client.application.router.routes()
        if route.resource
    }
    slashed = {(method, f"{path}/") for method, path in routes}
    pages = {("get", "/web/{name}")} | slashed
    documented = {(operation.method, operation.path) for operation in OPERATIONS}
    assert {(method, path) for method, path in routes if method != "head"} - pages == documented


async def test_the_document_is_served_as_it_is_made(client: Client) -> None:
    reply = await client.call("GET", "/openapi.json", 200)
    assert await reply.json() == make_document()
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_ids_of_operations_are_their_own() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_examples_are_what_they_are_examples_of(operation: Operation) -> None:
    for body in bodies(operation):
        if body.example is not None:
            TypeAdapter(body.type).validate_python(body.example)


@pytest.mark.parametrize("status", ERRORS)
def test_examples_of_errors_have_their_code(status: int) -> None:
    (body,) = ERRORS[status].bodies
    assert TypeAdapter(body.type).validate_python(body.example)["code"] == status


async def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(client: Client) -> None:
    reply = await client.call("GET", "/docs", 200)
    text = await reply.text()
    assert all(f'id="{operation.id}"' in text for operation in OPERATIONS)
    assert {url.startswith("/") for url in re.findall(r'(?:src|href)="([^"#][^"]*)"', text)} == {True}
    assert "<script" not in text
    assert "style=" not in text


@pytest.mark.parametrize("path", ["/docs", "/graphql"])
async def test_pages_may_load_nothing_but_our_own_files(client: Client, path: str) -> None:
    reply = await client.call("GET", path, 200, headers={"Accept": "text/html"})
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert reply.headers["X-Frame-Options"] == "deny"


@pytest.mark.parametrize("path", ["/web/", "/web/../app.py", "/web/%2e%2e/app.py", "/web/nothing.js"])
async def test_other_files_are_not_served(client: Client, path: str) -> None:
    async with client.http.get(path) as reply:
        assert reply.status in (403, 404)


async def test_schemathesis_finds_no_reply_that_is_not_as_documented(tmp_path: Path) -> None:
    async with ServiceProcess(tmp_path) as service:
        program = str(Path(sys.executable).with_name("schemathesis"))
        arguments: list[Any] = [*SCHEMATHESIS, f"{service.url}/openapi.json"]
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
