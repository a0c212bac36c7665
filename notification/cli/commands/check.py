"""`notification check CONFIG`."""

from argparse import ArgumentParser, Namespace
from typing import Final

from notification.cli.configuration import add_config, load

SUMMARY: Final = "tell everything that is wrong with a configuration"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    add_config(parser)


def run(options: Namespace) -> int:
    """Check it. Raises `ConfigError`."""
    load(options.config)
    print("The configuration can be used.")
    return 0
