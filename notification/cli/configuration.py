"""Commands that work on a configuration, and on the store that it names."""

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
"""`shtab.FILE`, as far as we need it; to import shtab takes longer than the rest of `--help`."""


def add_config(parser: ArgumentParser) -> None:
    """The argument CONFIG."""
    completed(parser.add_argument("config", type=Path, metavar="CONFIG", help="the configuration, such as config.yml"))


def completed(argument: Action) -> None:
    """A Tab completes the names of files here."""
    argument.complete = FILES  # type: ignore[attr-defined]  # what shtab looks for


def load(path: Path) -> "Config":
    """The configuration in a file. Raises `ConfigError`, each reason with the file's name."""
    return load_with_warnings(path).config


def load_with_warnings(path: Path) -> "Loaded":
    """The configuration in a file, and what is probably not meant. Raises `ConfigError` as `load` does."""
    from notification.runtime.config import load_with_warnings as load_

    try:
        return load_(path, os.environ)
    except ConfigError as error:
        raise ConfigError([f"{path}: {reason}" for reason in error.reasons]) from error


@asynccontextmanager
async def opened(config: "Config", *, must_exist: bool = True) -> AsyncIterator["Store"]:
    """The store of a configuration; `must_exist`: a file that is not there is an error, and not made.

    What the store has to say is a matter for people here, and goes to stderr.
    """
    from notification.runtime.app import open_store

    _log_to_stderr()
    if must_exist:
        embedded_file(config)
    async with open_store(config) as store:
        yield store


def embedded_file(config: "Config") -> Path | None:
    """The embedded store's file; `None` where the store is another one. Raises `NotificationError` if it is missing."""
    if config.storage != "embedded":
        return None
    file = Path(config.embedded.path)
    if not file.exists():
        raise NotificationError(f"{file} is not there")
    return file


@asynccontextmanager
async def opened_service(config: "Config") -> AsyncIterator["Service"]:
    """The use cases over the store of a configuration, beside any service that runs on it."""
    from notification.runtime.app import open_service

    _log_to_stderr()
    async with open_service(config) as service:
        yield service


def _log_to_stderr() -> None:
    import structlog

    level = structlog.make_filtering_bound_logger("warning")
    structlog.configure(wrapper_class=level, logger_factory=structlog.WriteLoggerFactory(sys.stderr))
