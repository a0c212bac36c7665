"""The commands of the README and of the tutorial print what these pages show, and the table of folders is complete."""

import asyncio
import os
import re
import socket
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.service_process import PROGRAMS, ROOT
from tests.waiting import until

README = ROOT / "README.md"
TOURS = [README, *sorted(ROOT.glob("docs/tutorial/*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
VOLATILE = re.compile(r"(?P<id>\b[0-9A-Za-z]{27}\b)|(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3})?Z)")
MARK = "---- next ----"


def steps(page: Path) -> list[tuple[str, str]]:
    """Return every command on the page with the output shown below it."""
    parts = [part for block in BLOCK.findall(page.read_text(encoding="utf-8")) for part in block.split("$ ")[1:]]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def comparable(outputs: list[str]) -> list[str]:
    """Return the outputs with ids replaced by names in order of appearance, and times without their digits."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"<id {len(names) + 1}>") if match["id"] else "<time>"

    return [VOLATILE.sub(name, output).strip() for output in outputs]


async def run_tour(page: Path, tmp_path: Path) -> list[str]:
    """Run the page's commands in order against `make run`, and return their outputs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "PORT": port, "HOST": "127.0.0.1", "DATA": str(tmp_path), "MAKEFLAGS": ""}
    service = await asyncio.create_subprocess_exec(
        "make", "run", cwd=ROOT, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await until(lambda: answers(int(port)), 60)
        script = f"\necho '{MARK}'\n".join(command for command, _ in steps(page)).replace(
            "localhost:8080", f"127.0.0.1:{port}"
        )
        environment["PATH"] = PROGRAMS["PATH"]
        environment["NOTIFICATION_URL"] = f"http://127.0.0.1:{port}"
        bash = await asyncio.create_subprocess_exec(
            "bash", "-c", script, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        printed, _ = await asyncio.wait_for(bash.communicate(), 60)
    finally:
        service.terminate()
        await service.wait()
    return printed.decode().replace("\r", "").split(MARK + "\n")


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@pytest.mark.parametrize("page", TOURS, ids=lambda page: page.stem)
async def test_every_command_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    printed = await run_tour(page, tmp_path)
    assert comparable(printed) == comparable([shown for _, shown in steps(page)])


def test_the_folders_are_listed_from_the_bottom_up_as_the_import_contract_has_them() -> None:
    section = README.read_text(encoding="utf-8").partition("## How it is built")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| \[notification/(\w+)/\]", section, re.MULTILINE)
    folders = {path.name for path in (ROOT / "notification").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(listed) == folders
    contracts = ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    layers = contracts["importlinter:contract:layers"]["layers"].split()
    downwards = [name for name in layers if name in {"runtime", "operations", "http", "services", "storage", "domain"}]
    assert [name for name in listed if name in downwards] == downwards[::-1]


def test_there_are_few_names_in_the_package() -> None:
    names = {path.name for path in (ROOT / "notification").iterdir()} - {"__init__.py", "__pycache__", "py.typed"}
    assert len(names) <= 11


def test_every_link_inside_the_repository_leads_somewhere() -> None:
    for page in [README, ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    """Return every anchor of a page: its headings and `<a id>`."""
    text = page.read_text(encoding="utf-8")
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    return {heading.strip().replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([^"]+)"', text))


def test_every_link_to_a_place_inside_a_page_leads_there() -> None:
    for page in [README, *ROOT.glob("docs/**/*.md")]:
        for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            assert anchor in anchors(page.parent / target if target else page), f"{page.name}: {target}#{anchor}"
