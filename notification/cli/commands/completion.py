"""`notification completion SHELL`."""

from argparse import ArgumentParser, Namespace
from typing import Final

SUMMARY: Final = "print a shell script that completes this command"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "shell", choices=["bash", "zsh", "fish", "tcsh"], metavar="SHELL", help="bash, zsh, fish or tcsh"
    )


def run(options: Namespace) -> int:
    """Print the script."""
    import shtab

    from notification.cli import make_parser

    print(shtab.complete(make_parser(), shell=options.shell))
    return 0
