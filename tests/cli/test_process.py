"""The command line as a process: signals, pipes, terminals, shells."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from notification.cli import COMMANDS, EXIT_CODES
from notification.client import NotificationClient
from tests.client.scripted_server import ScriptedServer, stream
from tests.service_process import ROOT

COMMAND = [sys.executable, "-m", "notification"]
COUNTS = 'event: counts\ndata: {"unseen":1,"total":2,"groups":2,"unseen_groups":1}\n\n'
HEAVY = {"aiohttp", "pydantic", "yaml", "notification.runtime.config", "notification.client"}


@pytest.fixture
async def streaming() -> AsyncIterator[str]:
    """A service that tells the counts, and then nothing more."""
    async with ScriptedServer([stream(COUNTS, end=False)]) as server:
        yield server.url


@contextmanager
def interrupts(disposition: signal.Handlers) -> Iterator[None]:
    """Have programs that are started meanwhile inherit this for SIGINT, whatever this one has inherited."""
    handler = signal.default_int_handler if disposition is signal.SIG_DFL else disposition
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that has ended when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def first_line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout
    return await asyncio.wait_for(process.stdout.readline(), 20)


async def outcome(process: asyncio.subprocess.Process) -> tuple[int | None, bytes]:
    """Its exit code, and what it has written to standard error."""
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, errors


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ([], b"- 1 unseen of 2, in 1 unseen of 2 groups\n"),
        (["--json"], b'{"event":"counts","counts":{"unseen":1,"total":2,"groups":2,"unseen_groups":1}}\n'),
    ],
)
async def test_watch_shows_events_at_once_until_it_is_interrupted(
    streaming: str, flags: list[str], shown: bytes
) -> None:
    with interrupts(signal.SIG_DFL):
        async with started("watch", "bob", "--url", streaming, *flags) as process:
            assert await first_line(process) == shown
            process.send_signal(signal.SIGINT)
            assert await outcome(process) == (130, b"")


async def test_watch_under_nohup_outlives_an_interrupt_and_ends_by_sigterm(streaming: str) -> None:
    with interrupts(signal.SIG_IGN):
        async with started("watch", "bob", "--url", streaming) as process:
            await first_line(process)
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            assert await outcome(process) == (-signal.SIGTERM, b"")


async def test_a_reader_that_has_seen_enough_is_no_failure(url: str, client: NotificationClient) -> None:
    for number in range(300):
        await client.create("bob", "like", f"{number} " + "x" * 240)
    async with started("list", "bob", "--all", "--url", url) as process:
        assert process.stdout
        process.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no other way to close a pipe's end
        assert process.stderr
        assert await process.stderr.read() == b""
        assert await process.wait() == 141


async def test_a_terminal_gets_colours_and_a_progress_bar(url: str) -> None:
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "TERM"}}
    for arguments in (["demo", "bob", "--count", "3"], ["list", "bob"]):
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, "--url", url, cwd=ROOT, env=environment, stdout=theirs, stderr=theirs
        )
        assert await process.wait() == 0
    os.close(theirs)
    printed = os.read(ours, 65536)
    os.close(ours)
    assert b"sending [" in printed
    assert b"\x1b[32m*\x1b[0m" in printed


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from notification.cli import make_parser; make_parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_is_a_script_with_every_command(shell: str) -> None:
    done = subprocess.run([*COMMAND, "completion", shell], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in COMMANDS)


def completions(words: str, folder: Path) -> set[str]:
    """What bash offers for the last word."""
    script = subprocess.run([*COMMAND, "completion", "bash"], cwd=ROOT, capture_output=True, check=True).stdout
    (folder / "completion").write_bytes(script)
    asked = f"COMP_WORDS=(notification {words}); COMP_CWORD={len(words.split())}; _shtab_notification notification"
    done = subprocess.run(
        ["bash", "-c", f'source {folder}/completion; {asked}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    assert completions("co", tmp_path) == {"count", "copy", "completion"}
    assert completions("count --p", tmp_path) == {"--patience"}


def test_bash_completes_files(tmp_path: Path) -> None:
    assert completions("check conf", tmp_path) == {"config.yml"}
    assert completions("copy --from conf", tmp_path) == {"config.yml"}


def test_the_manual_names_every_command_and_exit_code() -> None:
    manual = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    assert all(f"### `{name}" in manual for name in COMMANDS)
    assert all(f"| {line.split()[0]} |" in manual for line in EXIT_CODES.splitlines()[1:])
