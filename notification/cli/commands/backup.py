"""`notification backup CONFIG FILE`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from notification.cli.configuration import add_config, completed, embedded_file, load
from notification.domain.errors import NotificationError

SUMMARY: Final = "copy the embedded store's file, even while the service runs"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    completed(parser.add_argument("file", type=Path, metavar="FILE", help="the copy, which must not exist yet"))


def run(options: Namespace) -> int:
    """Copy the file, and check the copy."""
    from notification.storage.embedded.maintenance import back_up

    config = load(options.config)
    source = embedded_file(config)
    if source is None:
        raise NotificationError("only the embedded store is one file; see `notification copy` for Riak")
    back_up(source, options.file)
    print(f"{options.file} is a complete copy of {source}")
    return 0
