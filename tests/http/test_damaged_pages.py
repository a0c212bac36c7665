"""If pages of a real file are overwritten, the feeds on them get a 500, and all other feeds are served."""

import re
from pathlib import Path

from notification.domain.drafts import Draft
from notification.runtime.app import open_service
from notification.runtime.config import parse_config
from tests.http.conftest import OpenClient
from tests.storage.damage import damage_table

USERS = [f"user-{number}" for number in range(40)]
BODY = {"category": "like", "message": "x" * 240}


async def test_damage_costs_the_feeds_on_the_page_and_is_counted(open_client: OpenClient, tmp_path: Path) -> None:
    await fill(tmp_path)
    damage_table(tmp_path / "feeds.db", at_dot=20)
    client = await open_client()
    statuses = {}
    for user in USERS:
        async with client.http.get(f"/v1/notifications/{user}") as reply:
            statuses[user] = reply.status
            assert reply.status == 200 or "Retry-After" not in reply.headers
    assert statuses["user-19"] == 500
    lost = [user for user, status in statuses.items() if status == 500]
    assert len(lost) < 20
    assert set(statuses.values()) == {200, 500}
    async with client.http.get("/metrics") as reply:
        metrics = await reply.text()
    (counted,) = re.findall(r'notification_corrupt_values_total\{bucket="notifications"\} (\S+)', metrics)
    assert float(counted) == len(lost)
    await client.call("POST", "/v1/notifications/user-19", 500, json=BODY)
    await client.call("POST", "/v1/notifications/user-0", 201, json=BODY)
    health = await (await client.call("GET", "/admin/healthcheck", 200)).json()
    assert not health["corrupt values"]["healthy"]


async def fill(folder: Path) -> None:
    """Write a feed for each user with a service that is then closed, because nothing may have the file open."""
    async with open_service(parse_config(f"embedded: {{path: {folder}/feeds.db}}", {})) as service:
        for user in USERS:
            await service.inbox.creation.create(user, Draft(category="like", message="x" * 240))
