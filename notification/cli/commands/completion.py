"""`notification completion SHELL`."""

from argparse import ArgumentParser, Namespace
from typing import Final

SUMMARY: Final = "print a script that completes this command in a shell"


def add_arguments(parser: ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument(
        "shell", choices=["bash", "zsh", "fish", "tcsh"], metavar="SHELL", help="bash, zsh, fish or tcsh"
    )


def run(options: Namespace) -> int:
    """Print it."""
    import shtab

    from notification.cli import make_parser

    print(shtab.complete(make_parser(), shell=options.shell))
    return 0
