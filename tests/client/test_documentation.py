"""Every Python example in the documentation runs."""

import ast
import asyncio
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from notification.client import NotificationClient
from tests.service_process import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, url: str) -> list[str]:
    """The examples, with the address of a service that runs."""
    return [block.replace("http://127.0.0.1:8080", url) for block in BLOCK.findall(page.read_text(encoding="utf-8"))]


async def run_program(text: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", text, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    printed, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b""), f"{text}\n{errors.decode()}"
    return printed


async def test_the_examples_of_the_client_run_one_after_the_other(client: NotificationClient, url: str) -> None:
    program, *parts = blocks(ROOT / "docs/how-to/use-the-python-client.md", url)
    assert await run_program(program)
    names: dict[str, Any] = {"client": client}
    for part in parts:
        code = compile(part, part, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        outcome = eval(code, names)
        if inspect.isawaitable(outcome):
            await asyncio.wait_for(outcome, 30)


async def test_the_example_of_the_readme_runs(url: str) -> None:
    (program,) = blocks(ROOT / "README.md", url)
    assert b"Ada liked your post" in await run_program(program)
