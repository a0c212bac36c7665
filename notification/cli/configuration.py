"""Arguments and context managers for commands that use a configuration and its store."""

import os
import sys
from argparse import Action, ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from notification.domain.errors import ConfigError, NotificationError

if TYPE_CHECKING:
    from notification.runtime.app import Service
    from notification.runtime.config import Config, Loaded
    from notification.storage.store import Store

FILES: Final = {
    "bash": "_shtab_compgen_files",
    "zsh": "_files",
    "tcsh": "f",
    "fish": "(__fish_complete_path (commandline -ct))",
}
"""A copy of the needed part of `shtab.FILE`, because importing shtab takes longer than the rest of `--help`."""


def add_config(parser: ArgumentParser) -> None:
    """Add the argument CONFIG."""
    completed(
        parser.add_argument("config", type=Path, metavar="CONFIG", help="the configuration file, such as config.yml")
    )


def completed(argument: Action) -> None:
    """Make the shell complete file names for this argument."""
    argument.complete = FILES  # type: ignore[attr-defined]  # what shtab looks for


def load(path: Path) -> "Config":
    """Load a configuration. Raises `ConfigError`; each reason starts with the file name."""
    return load_with_warnings(path).config


def load_with_warnings(path: Path) -> "Loaded":
    """Load a configuration and its warnings. Raises `ConfigError` as `load` does."""
    from notification.runtime.config import load_with_warnings as load_

    try:
        return load_(path, os.environ)
    except ConfigError as error:
        raise ConfigError([f"{path}: {reason}" for reason in error.reasons]) from error


@asynccontextmanager
async def opened(config: "Config", *, must_exist: bool = True) -> AsyncIterator["Store"]:
    """Open the store that `config` describes, and close it at the end of the block. Logging goes to stderr.

    `must_exist`: raise `NotificationError` if the embedded store's file is missing, instead of creating the file.
    """
    from notification.runtime.app import open_store

    _log_to_stderr()
    if must_exist:
        embedded_file(config)
    async with open_store(config) as store:
        yield store


def embedded_file(config: "Config") -> Path | None:
    """Return the embedded store's file, or `None` for another store. Raises `NotificationError` if it is missing."""
    if config.storage != "embedded":
        return None
    file = Path(config.embedded.path)
    if not file.exists():
        raise NotificationError(f"{file} does not exist")
    return file


@asynccontextmanager
async def opened_service(config: "Config") -> AsyncIterator["Service"]:
    """Open the store that `config` describes and the services that use it, and close both at the end of the block.

    A running server can use the same store at the same time. Logging goes to stderr.
    """
    from notification.runtime.app import open_service

    _log_to_stderr()
    async with open_service(config) as service:
        yield service


def _log_to_stderr() -> None:
    import structlog

    level = structlog.make_filtering_bound_logger("warning")
    structlog.configure(wrapper_class=level, logger_factory=structlog.WriteLoggerFactory(sys.stderr))
