"""What docs/how-to/troubleshoot.md says to do about an empty and about a malformed file, done."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run
from tests.operations.test_operations import asked
from tests.service_process import ServiceProcess
from tests.storage.damage import damage_table

BODY = {"category": "like", "message": "x" * 240}


def configured(folder: Path, name: str, file: str) -> Path:
    config = folder / f"{name}.yml"
    config.write_text(f"server: {{port: 0}}\nembedded: {{path: {folder}/{file}}}\n")
    return config


async def post(service: ServiceProcess, *users: str) -> None:
    for user in users:
        assert "id" in json.loads(await asked("POST", f"{service.url}/v1/notifications/{user}", json=BODY))


async def total(service: ServiceProcess, user: str) -> int:
    return int(json.loads(await asked("GET", f"{service.url}/v1/notifications/{user}/count"))["total"])


def starting(service: ServiceProcess) -> dict[str, Any]:
    return next(line for line in service.lines if line["event"] == "starting")


async def test_all_feeds_are_empty(run: Run, tmp_path: Path) -> None:
    right, wrong = configured(tmp_path, "right", "feeds.db"), configured(tmp_path, "wrong", "elsewhere/feeds.db")
    async with ServiceProcess(tmp_path, right) as service:
        await post(service, "ada")
        assert starting(service)["new_file"] is True
    async with ServiceProcess(tmp_path, wrong) as service:
        assert await total(service, "ada") == 0
        await post(service, "ada")
        line = starting(service)
        assert (line["path"], line["new_file"]) == (f"{tmp_path}/elsewhere/feeds.db", True)
        assert (line["storage"], line["workers"], line["configuration"]) == ("embedded", 1, str(wrong))
        assert line["version"]
        await service.end(signal.SIGTERM)
    async with ServiceProcess(tmp_path, right) as service:
        assert starting(service)["new_file"] is False
        assert (await run("copy", "--from", wrong, "--to", right)).code == 0
        assert await total(service, "ada") == 2


async def test_the_image_is_malformed(run: Run, tmp_path: Path) -> None:
    config, damaged = configured(tmp_path, "config", "feeds.db"), configured(tmp_path, "damaged", "damaged.db")
    users = [f"user-{number}" for number in range(40)]
    async with ServiceProcess(tmp_path, config) as service:
        await post(service, *users)
        assert (await run("backup", config, tmp_path / "backup.db")).code == 0
        await post(service, "new")
        await service.end(signal.SIGTERM)
    damage_table(tmp_path / "feeds.db", at_dot=20)
    checked = await run("check-data", config)
    assert (checked.code, "notifications/user-19: " in checked.err) == (1, True)
    for end in ("", "-wal", "-shm"):
        if (tmp_path / f"feeds.db{end}").exists():
            (tmp_path / f"feeds.db{end}").rename(tmp_path / f"damaged.db{end}")
    (tmp_path / "backup.db").rename(tmp_path / "feeds.db")
    async with ServiceProcess(tmp_path, config) as service:
        copied = await run("copy", "--from", damaged, "--to", config)
        assert (copied.code, "notifications/user-19 was not copied" in copied.err) == (1, True)
        assert [await total(service, user) for user in [*users, "new"]] == [1] * 41
    assert (await run("check-data", config)).code == 0
