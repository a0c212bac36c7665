"""`notification demo USER`."""

import asyncio
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from notification.cli import remote
from notification.cli.configuration import completed, load, opened_service
from notification.cli.terminal import Progress
from notification.cli.usage import UsageError

if TYPE_CHECKING:
    from notification.client import NotificationClient
    from notification.domain.model import Notification
    from notification.runtime.app import Service
    from notification.runtime.config import Config

SUMMARY: Final = "fill a user's feed with realistic notifications"
MAX_COUNT: Final = 1000
"""The number of notifications in a full feed."""
DAY: Final = 24 * 3600.0


class _Result(NamedTuple):
    """What `demo` created. `counts`: the user's counts as a phrase. `rules`: the categories that got a rule."""

    ids: list[str]
    counts: str
    rules: list[str]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("username", metavar="USER", nargs="?", default="demo", help="the user's name (%(default)s)")
    remote.add_service(parser)
    completed(
        parser.add_argument(
            "--config",
            type=Path,
            metavar="CONFIG",
            help="write a history over six days, most of it seen, into the store of this configuration; without "
            "--config, notifications are sent to the service and get the current time",
        )
    )
    parser.add_argument(
        "--count", type=_count, default=40, help=f"the number of notifications, at most {MAX_COUNT} (%(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="another seed gives other notifications; the notifications of a seed are created only once (%(default)s)",
    )
    parser.add_argument("--no-rules", action="store_true", help="create no rules, because they apply to all users")
    remote.add_json(parser)


def run(options: Namespace) -> int:
    """Fill the feed. Raises `NotificationError`."""
    if options.config is None:
        return remote.converse(_send, options)
    config = load(options.config)
    _report(options, asyncio.run(_write(config, options)), _root(options.url, config) or _address(config))
    return 0


async def _send(client: "NotificationClient", options: Namespace) -> None:
    from notification.cli.formatting import counts_line
    from notification.cli.samples import RULES, samples
    from notification.client import Rule

    rules = [] if options.no_rules else sorted(RULES.keys() - (await client.rules()).keys())
    for category in rules:
        await client.put_rule(category, Rule(*RULES[category]))
    ids = []
    with Progress("sending", options.count) as progress:
        for number, sample in enumerate(samples(options.count, options.seed)):
            notification = await client.create(options.username, *sample, idempotency_key=_key(options, number))
            ids.append(notification.id)
            progress.step()
    counts = counts_line(await client.count(options.username))
    _report(options, _Result(ids, counts, rules), remote.address(options))


async def _write(config: "Config", options: Namespace) -> _Result:
    from notification.cli.formatting import counts_line
    from notification.client import Counts
    from notification.domain.drafts import check_username
    from notification.domain.errors import NotificationError, Refused
    from notification.operations.history import add_history
    from notification.runtime.app import make_buckets

    try:
        username = check_username(options.username)
    except Refused as error:
        raise UsageError("; ".join(error.reasons)) from error
    async with opened_service(config) as service:
        rules = [] if options.no_rules else await _make_rules(service)
        feeds, *_ = make_buckets(service.store, config)
        ids = [*await add_history(feeds, username, _history(options))]
        await feeds.close()
        if not ids:
            raise NotificationError(f"the feed of {username} has no room for a history; choose another user")
        await _mark_seen(service, username, ids)
        counts = await service.inbox.count(username)
    return _Result(ids, counts_line(Counts(**counts._asdict())), rules)


def _history(options: Namespace) -> "list[Notification]":
    from notification.cli.samples import ages, samples
    from notification.domain.idempotency import idempotency
    from notification.domain.model import Notification

    now = time.time()
    dated = zip(samples(options.count, options.seed), ages(options.count, options.seed), strict=True)
    return [
        Notification(
            "", *sample[:2], int((now - age) * 1000), sample.properties, idempotency(_key(options, number), *sample)
        )
        for number, (sample, age) in enumerate(dated)
    ]


async def _make_rules(service: "Service") -> list[str]:
    """Create the missing rules. Returns their categories."""
    from notification.cli.samples import RULES
    from notification.domain.duration import parse_duration
    from notification.domain.model import Rule

    missing = sorted(RULES.keys() - (await service.ruleset.current()).keys())
    for category in missing:
        max_size, max_duration, match_on = RULES[category]
        await service.ruleset.put(category, Rule(max_size, parse_duration(max_duration), match_on))
    return missing


async def _mark_seen(service: "Service", username: str, ids: list[str]) -> None:
    """If the user has no cursor, mark everything older than a day as seen."""
    from notification.domain.errors import NotFound
    from notification.services.cursors import SEEN
    from siblings.ksuid import latest_at

    yesterday = latest_at(int((time.time() - DAY) * 1e9))
    seen = max((id_ for id_ in ids if id_ <= yesterday), default=None)
    try:
        await service.inbox.cursor(username, SEEN)
    except NotFound:
        if seen is not None:
            await service.inbox.move_cursor(username, SEEN, seen)


def _report(options: Namespace, result: _Result, url: str) -> None:
    from notification.cli.formatting import as_json, printable

    inbox = f"{url.rstrip('/')}/inbox/{quote(options.username, safe='~@:+')}"
    if options.json:
        fields: dict[str, Any] = {"username": options.username, "ids": result.ids, "rules": result.rules, "url": inbox}
        print(as_json(fields))
        return
    print(f"The user {printable(options.username)} has {result.counts}.")
    if result.rules:
        print(f"New rules, which apply to all users: {', '.join(result.rules)}.")
    print(f"Open {inbox}")


def _root(url: str | None, config: "Config") -> str | None:
    """Return the address of the pages from the address of the REST interface, which includes the base path."""
    return url and url.rstrip("/").removesuffix(config.server.base_path)


def _address(config: "Config") -> str:
    """Return the address of a service with this configuration, as seen from this machine."""
    everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound
    host = everywhere.get(config.server.host, config.server.host)
    return f"http://[{host}]:{config.server.port}" if ":" in host else f"http://{host}:{config.server.port}"


def _key(options: Namespace, number: int) -> str:
    return f"demo-{options.seed}-{number}"


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_COUNT:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_COUNT}")
    return int(text)
