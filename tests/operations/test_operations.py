"""The pages for operators: their commands, metrics, alerts, dashboard and systemd unit match the service."""

import asyncio
import json
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from notification.cli import make_parser
from notification.operations.admin import routes
from notification.runtime.config import Config
from notification.runtime.supervisor import LEEWAY
from tests.service_process import PROGRAMS, ROOT, ServiceProcess

PAGES = ("how-to/back-up-and-restore", "how-to/operate", "how-to/watch-with-prometheus", "reference/metrics")
PAGE = "\n".join((ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in PAGES)
"""In the order in which their commands run against one service."""
ALERTS = yaml.safe_load((ROOT / "docs/alerts.yml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((ROOT / "docs/grafana.json").read_text(encoding="utf-8"))
LISTED = set(re.findall(r"^\| `(notification_\w+)` \|", PAGE, re.MULTILINE))
MARK = "---- next ----"


def steps() -> list[tuple[str, str]]:
    """Every command, and the output that is shown below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    parts = [part for block in blocks for part in block.split("$ ")[1:]]
    return [(command, shown.strip()) for command, _, shown in (part.partition("\n") for part in parts)]


def used(expressions: list[str]) -> set[str]:
    """The metrics in Prometheus's expressions, a histogram by its own name."""
    names = {name for expression in expressions for name in re.findall(r"\bnotification_\w+", expression)}
    return {name if name in LISTED else re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


async def asked(method: str, url: str, **options: Any) -> str:
    """The body of a reply."""
    async with aiohttp.request(method, url, **options) as reply:
        return await reply.text()


def drawn() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


async def test_every_command_prints_what_is_shown(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("server: {port: 0}\nembedded: {path: data/notification.db}\n")
    async with ServiceProcess(tmp_path, config, folder=tmp_path) as service:
        script = f"\necho '{MARK}'\n".join(command for command, _ in steps())
        bash = await asyncio.create_subprocess_exec(
            "bash", "-c", script.replace("http://localhost:8080", service.url).replace("localhost:8080", service.url),
            cwd=tmp_path, env=PROGRAMS, stdout=subprocess.PIPE,
        )  # fmt: skip
        printed, _ = await asyncio.wait_for(bash.communicate(), 60)
    assert [output.strip() for output in printed.decode().split(MARK)] == [shown for _, shown in steps()]


async def test_a_backup_made_while_it_runs_serves(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("server: {port: 0}\nembedded: {path: data/notification.db}\n")
    backup = next(command for command, _ in steps() if "backup" in command)
    body = {"category": "like", "message": "kept"}
    async with ServiceProcess(tmp_path, config, folder=tmp_path) as service:
        made = json.loads(await asked("POST", f"{service.url}/v1/notifications/ada", json=body))
        bash = await asyncio.create_subprocess_exec("bash", "-c", backup, cwd=tmp_path, env=PROGRAMS)
        assert await bash.wait() == 0
    config.write_text("server: {port: 0}\nembedded: {path: backup.db}\n")
    async with ServiceProcess(tmp_path, config, folder=tmp_path) as restored:
        listed = json.loads(await asked("GET", f"{restored.url}/v1/notifications/ada"))
    assert [item["id"] for item in listed] == [made["id"]]


async def test_every_metric_is_listed_and_no_other(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"server: {{port: 0}}\nembedded: {{path: {tmp_path}/feeds.db}}\n")
    async with ServiceProcess(tmp_path, config) as service:
        text = await asked("GET", f"{service.url}/metrics")
    assert {line.split()[2] for line in text.splitlines() if line.startswith("# HELP ")} == LISTED


def test_alerts_ask_for_metrics_that_there_are() -> None:
    expressions = [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]
    assert used(expressions) <= LISTED


def test_every_alert_is_explained_and_no_other() -> None:
    names = {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]}
    assert set(re.findall(r"^\| <a id=\"\w+\"></a>`(Notification\w+)` \|", PAGE, re.MULTILINE)) == names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_about_and_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    path, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert f'<a id="{anchor}"></a>`{rule["alert"]}`' in (ROOT / path).read_text(encoding="utf-8")


def test_the_dashboard_draws_every_metric_and_no_other() -> None:
    assert used(drawn()) == LISTED


def test_panels_do_not_lie_on_each_other() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("expression", [*drawn(), *(r["expr"] for g in ALERTS["groups"] for r in g["rules"])])
def test_expressions_close_what_they_open(expression: str) -> None:
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing)


def test_everything_for_operators_is_told_of() -> None:
    assert all(f"`{route.path}`" in PAGE or route.path == "/admin/ping" for route in routes)  # type: ignore[attr-defined]


def test_the_systemd_unit_runs_a_command_that_there_is_and_gives_it_time_to_stop() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "docs/notification.service", encoding="utf-8")
    program, *arguments = unit["Service"]["ExecStart"].split()
    assert Path(program).name == "notification"
    assert make_parser().parse_args(arguments)
    assert int(unit["Service"]["TimeoutStopSec"]) > Config().server.shutdown_timeout + LEEWAY
