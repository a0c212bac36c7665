"""`backup`: a copy of the embedded store's file, at one moment, while it serves."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from notification.domain.drafts import Draft
from notification.domain.ranges import Range
from notification.runtime.app import open_service
from notification.runtime.config import load_config
from notification.storage.embedded.database import APPLICATION_ID
from tests.cli.conftest import Run
from tests.cli.test_check_data import fill
from tests.operations.test_operations import asked
from tests.service_process import ServiceProcess
from tests.small_disk import small_disk
from tests.storage.damage import damage_table

DRAFT = Draft(category="like", message="hi")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "config.yml"
    config.write_text(f"server: {{port: 0}}\nembedded: {{path: {tmp_path}/feeds.db}}\n")
    return config


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def ids(config: Path, user: str) -> list[str]:
    async with open_service(load_config(config, {})) as service:
        page = await service.inbox.page(user, Range(max=1000), mark_seen=False)
        return [item.head.id for item in page.items]


async def test_a_copy_made_while_it_serves_has_all_that_was_acknowledged_before(
    run: Run, config: Path, tmp_path: Path
) -> None:
    body = {"category": "like", "message": "kept"}
    stop = asyncio.Event()
    async with ServiceProcess(tmp_path, config) as service:
        before = [
            json.loads(await asked("POST", f"{service.url}/v1/notifications/ada", json=body))["id"] for _ in range(20)
        ]

        async def go_on() -> None:
            while not stop.is_set():
                await asked("POST", f"{service.url}/v1/notifications/bob", json=body)

        writing = asyncio.create_task(go_on())
        done = await run("backup", config, tmp_path / "copy.db")
        stop.set()
        await writing
    assert (done.code, done.err) == (0, "")
    assert f"{tmp_path}/copy.db is a complete copy of {tmp_path}/feeds.db" in done.out
    restored = tmp_path / "restored.yml"
    restored.write_text(f"embedded: {{path: {tmp_path}/copy.db}}\n")
    assert await ids(restored, "ada") == before[::-1]


async def test_the_copy_is_one_file_of_ours_that_no_other_may_read(run: Run, config: Path, tmp_path: Path) -> None:
    await fill(config)
    (tmp_path / "feeds.db").chmod(0o600)
    (tmp_path / "backups").mkdir()
    assert (await run("backup", config, tmp_path / "backups" / "copy.db")).code == 0
    assert names(tmp_path / "backups") == ["copy.db"]
    assert (tmp_path / "backups" / "copy.db").stat().st_mode & 0o777 == 0o600
    connection = sqlite3.connect(tmp_path / "backups" / "copy.db")
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("name", ["copy.db", "copy.db.partial"])
async def test_nothing_is_overwritten(run: Run, config: Path, tmp_path: Path, name: str) -> None:
    await fill(config, 1)
    (tmp_path / name).write_text("mine")
    done = await run("backup", config, tmp_path / "copy.db")
    assert (done.code, "xists" in done.err) == (1, True)
    assert (tmp_path / name).read_text() == "mine"
    assert [one for one in names(tmp_path) if one.startswith("copy.db")] == [name]


async def test_a_damaged_file_makes_no_backup(run: Run, config: Path, tmp_path: Path) -> None:
    await fill(config)
    damage_table(tmp_path / "feeds.db", at_dot=15)
    done = await run("backup", config, tmp_path / "copy.db")
    assert (done.code, "damaged" in done.err) == (1, True)
    assert not [name for name in names(tmp_path) if name.startswith("copy.db")]


async def test_a_disk_without_room_makes_no_backup(run: Run, config: Path, tmp_path: Path) -> None:
    await fill(config)
    with small_disk(tmp_path / "disk") as disk:
        disk.fill(leave=20_000)
        done = await run("backup", config, disk.path / "copy.db")
        assert (done.code, "full" in done.err) == (1, True)
        assert names(disk.path) == ["ballast"]


async def test_a_file_of_another_program_is_not_copied(run: Run, config: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "feeds.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    done = await run("backup", config, tmp_path / "copy.db")
    assert (done.code, "another program" in done.err) == (1, True)


async def test_riak_is_not_one_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "riak.yml").write_text("storage: riak\nriak: {nodes: ['localhost:1']}\n")
    done = await run("backup", tmp_path / "riak.yml", tmp_path / "copy.db")
    assert (done.code, "notification copy" in done.err) == (1, True)
