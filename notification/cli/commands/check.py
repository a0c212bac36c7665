"""`notification check CONFIG`."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from notification.cli.configuration import add_config, load_with_warnings

SUMMARY: Final = "report every problem in a configuration"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)


def run(options: Namespace) -> int:
    """Check the configuration. Warnings do not change the exit code. Raises `ConfigError`."""
    for warning in load_with_warnings(options.config).warnings:
        print(f"{options.config}: warning: {warning}", file=sys.stderr)
    print("The configuration can be used.")
    return 0
