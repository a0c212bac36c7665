"""`demo`: a feed to look at, through the service or, dated in the past, through the store."""

import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from notification.cli.samples import ages, samples
from notification.client import NotificationClient, Rule
from notification.services.ids import IdGenerator
from siblings.ksuid import EPOCH, decode
from tests.cli.conftest import Run
from tests.client.running import running


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A running service whose clock is the machine's: a history is dated by that."""
    async with running(tmp_path, IdGenerator()) as url:
        monkeypatch.setenv("NOTIFICATION_URL", url)
        yield url


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of the store that the service of `url` runs on."""
    (tmp_path / "config.yml").write_text(f"embedded: {{path: {tmp_path}/feeds.db}}\nserver: {{port: 8099}}\n")
    return tmp_path / "config.yml"


async def listed(client: NotificationClient, username: str) -> list[Any]:
    return [item async for item in client.list(username, peek=True)]


async def test_it_says_who_has_what_and_where_to_look(run: Run, url: str) -> None:
    done = await run("demo")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].startswith("The user demo has 40 unseen of 40, in ")
    assert done.lines[1:] == ["New rules, which apply to all users: comment, follow, like.", f"Open {url}/inbox/demo"]


async def test_the_same_seed_says_the_same_and_twice_makes_no_more(run: Run, client: NotificationClient) -> None:
    first = json.loads((await run("demo", "ada", "--seed", "7", "--json")).out)
    again = json.loads((await run("demo", "ada", "--seed", "7", "--json")).out)
    await run("demo", "bob", "--seed", "7")
    assert (again["ids"], again["rules"], len(set(first["ids"]))) == (first["ids"], [], 40)
    messages = {user: sorted(str(item.message) for item in await listed(client, user)) for user in ("ada", "bob")}
    assert messages["ada"] == messages["bob"]
    await run("demo", "ada", "--seed", "8")
    assert (await client.count("ada")).total == 80


async def test_rules_that_are_there_stay(run: Run, client: NotificationClient) -> None:
    await client.put_rule("like", Rule(max_size=1))
    await run("demo", "--no-rules")
    assert await client.rules() == {"like": Rule(max_size=1)}
    assert json.loads((await run("demo", "--json")).out)["rules"] == ["comment", "follow"]
    assert (await client.rules())["like"] == Rule(max_size=1)


async def test_a_history_goes_over_days_and_its_first_inbox_shows_groups(
    run: Run, client: NotificationClient, config: Path, url: str
) -> None:
    done = await run("demo", "--config", config, "--url", url)
    assert (done.code, done.err, done.lines[2]) == (0, "", f"Open {url}/inbox/demo")
    page = await client.page("demo", peek=True)
    assert sum(bool(item.notifications) for item in page.items) >= 3
    assert page.total_count == 40
    assert 0 < (page.unseen_count or 0) < 20
    assert done.lines[0].startswith(f"The user demo has {page.unseen_count} unseen of 40")
    dates = [one.created_at for item in await listed(client, "demo") for one in (item, *item.notifications)]
    assert dates[0] < datetime.now(UTC)
    assert max(dates) - min(dates) > timedelta(days=3)


@pytest.mark.usefixtures("url")
async def test_a_history_has_ids_of_its_dates(run: Run, client: NotificationClient, config: Path) -> None:
    await run("demo", "--config", config, "--no-rules")
    items = await listed(client, "demo")
    assert [item.created_at for item in items] == sorted((item.created_at for item in items), reverse=True)
    for item in items:
        seconds = (decode(item.id) >> 128) + EPOCH
        assert abs(seconds - item.created_at.timestamp()) <= 1


@pytest.mark.usefixtures("url")
async def test_a_history_is_made_once(run: Run, client: NotificationClient, config: Path) -> None:
    first = json.loads((await run("demo", "--config", config, "--json")).out)
    before = await listed(client, "demo")
    again = json.loads((await run("demo", "--config", config, "--json")).out)
    assert again["ids"] == first["ids"]
    assert await listed(client, "demo") == before
    await run("demo", "--config", config, "--count", "50")
    assert (await client.count("demo")).total == 50


@pytest.mark.usefixtures("url")
async def test_a_history_goes_below_what_is_there_and_leaves_the_users_cursor(
    run: Run, client: NotificationClient, config: Path
) -> None:
    made = await client.create("demo", "mention", "hi")
    await client.move_cursor("demo", made.id)
    newer = await client.create("demo", "mention", "hi again")
    assert (await run("demo", "--config", config)).code == 0
    assert [item.id for item in (await client.page("demo", peek=True)).items[:2]] == [newer.id, made.id]
    counts = await client.count("demo")
    assert (counts.total, counts.unseen) == (42, 1)


@pytest.mark.usefixtures("url")
async def test_a_feed_without_room_for_a_history_is_left_as_it_is(
    run: Run, client: NotificationClient, config: Path
) -> None:
    await client.create("demo", "mention", "hi")
    await client.remove_all("demo")
    done = await run("demo", "--config", config)
    assert done == (1, "", "notification: the feed of demo has no room for a history; choose another user\n")
    assert (await client.count("demo")).total == 0


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("{}", "http://127.0.0.1:8080"),
        ("{host: 0.0.0.0, port: 81}", "http://127.0.0.1:81"),
        ("{host: '::'}", "http://[::1]:8080"),
    ],
)
async def test_without_a_service_the_configuration_says_where_it_would_be(
    run: Run, tmp_path: Path, server: str, shown: str
) -> None:
    file = tmp_path / "config.yml"
    file.write_text(f"embedded: {{path: {tmp_path}/new/feeds.db}}\nserver: {server}\n")
    assert (await run("demo", "bob", "--config", file)).lines[2] == f"Open {shown}/inbox/bob"


async def test_a_name_that_can_not_be_one_is_refused(run: Run, config: Path) -> None:
    done = await run("demo", "a/b", "--config", config)
    assert (done.code, done.out) == (2, "")
    assert "username" in done.err


@pytest.mark.parametrize("count", [1, 2, 39, 1000])
def test_each_sample_has_an_age_and_none_is_in_the_future(count: int) -> None:
    dice = random.Random(count)
    for _ in range(20):
        seed = dice.randrange(10**6)
        made = ages(count, seed)
        assert len(made) == len(samples(count, seed)) == count
        assert all(0 < age <= 6 * 24 * 3600 for age in made)


def test_a_greater_count_begins_with_the_same() -> None:
    assert samples(100, 3)[:40] == samples(40, 3)
    assert samples(40, 3) != samples(40, 4)
