"""`notification server CONFIG`."""

import asyncio
from argparse import ArgumentParser, Namespace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from notification.cli.configuration import add_config, load, load_with_warnings

if TYPE_CHECKING:
    from notification.runtime.config import Config

SUMMARY: Final = "run the service until SIGTERM or Ctrl-C"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)


def run(options: Namespace) -> int:
    """Run the service. Raises `ConfigError`, `StoreError`, `WorkerFailed`, and `OSError` if the address can't be
    used."""
    import structlog

    from notification.runtime.logs import set_up_logging
    from notification.runtime.loop import loop_factory
    from notification.runtime.reloading import serve

    config, warnings = load_with_warnings(options.config)
    set_up_logging(config.logging)
    structlog.get_logger().info("starting", **_described(config), configuration=str(options.config.resolve()))
    for warning in warnings:
        structlog.get_logger().warning("an environment variable has no effect", reason=warning)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(config, lambda: load(options.config)))
    return 0


def _described(config: "Config") -> dict[str, Any]:
    """Describe the service for the log. `new_file`: whether the file is missing or empty and will be created."""
    described = {"version": version("notification-feed"), "storage": config.storage, "workers": config.server.workers}
    if config.storage == "riak":
        return {**described, "nodes": config.riak.nodes}
    from notification.storage.embedded.database import is_new

    path = Path(config.embedded.path).resolve()
    return {**described, "path": str(path), "new_file": is_new(path)}
