"""The command line, as a process."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service_process import ROOT


def run(*arguments: str, timeout: float = 30, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "notification", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **environment},
    )


def test_check_says_when_all_is_well() -> None:
    done = run("check", "config.yml")
    assert (done.returncode, done.stdout) == (0, "The configuration can be used.\n")


def test_check_tells_all_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("server: {port: x}\nnothing: 1\n")
    done = run("check", str(tmp_path / "bad.yml"))
    assert done.returncode == 2
    assert [line.split(": ")[1:3] for line in done.stderr.splitlines()] == [
        ["line 1", "server.port"],
        ["line 2", "nothing"],
    ]


def test_check_warns_of_a_variable_that_the_file_does_not_use(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("server: {port: 8081}\n")
    done = run("check", str(tmp_path / "config.yml"), PORT="9090")
    assert (done.returncode, done.stdout) == (0, "The configuration can be used.\n")
    assert (
        done.stderr == f"{tmp_path}/config.yml: warning: PORT is set, but the file has no ${{PORT}} for server.port\n"
    )


def test_check_names_a_variable_that_is_wrong_with_its_value() -> None:
    done = run("check", "config.yml", PORT="abc")
    assert done.returncode == 2
    assert done.stderr.endswith('server.port: must be a whole number, not "abc" (from the environment: PORT=abc)\n')


@pytest.mark.parametrize("text", ["a: &a [*a]", "[" * 5000, "a: \0", "!!bool x: !!timestamp 'x'", "riak: {r: 0}"])
def test_check_ends_with_a_reason_and_no_trace(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yml").write_text(text)
    done = run("check", str(tmp_path / "config.yml"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"{tmp_path}/config.yml: line 1: ")
    assert "Traceback" not in done.stderr


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"notification \d+\.\d+\.\d+\S*\n", done.stdout)


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["server"]])
def test_wrong_arguments_are_told(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: notification" in done.stderr


def test_help_is_given() -> None:
    assert "server" in run("--help").stdout


def test_a_port_in_use_ends_the_server_with_a_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = f"server: {{port: {taken.getsockname()[1]}}}\nembedded: {{path: {tmp_path}/feeds.db}}\n"
        (tmp_path / "config.yml").write_text(config)
        done = run("server", str(tmp_path / "config.yml"))
    assert done.returncode == 1
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_can_not_be_opened_ends_the_server_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "feeds.db").write_bytes(b"no database, but long enough to look like one" * 50)
    (tmp_path / "config.yml").write_text(f"server: {{port: 0}}\nembedded: {{path: {tmp_path}/feeds.db}}\n")
    done = run("server", str(tmp_path / "config.yml"))
    assert done.returncode == 1
    assert "can't be opened" in done.stderr
    assert "Traceback" not in done.stderr
