"""The application over HTTP, and the command line: the fixtures of both."""

from tests.cli.conftest import run
from tests.http.conftest import clock, open_client

__all__ = ["clock", "open_client", "run"]
