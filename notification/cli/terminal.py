"""Output for terminals: colours and a progress bar. Files and pipes get neither of the two."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Final, Self, TextIO

Paint = Callable[[str, str], str]
"""`(text, style) -> text` in a style ("bold", "dim", …); unchanged if the stream is not a terminal."""

_STYLES: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_WIDTH: Final = 30
"""The length of the progress bar in characters."""


def paint_for(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Paint:
    """Return a function that colours text if `stream` is a terminal with colours and NO_COLOR is not set."""
    wanted = stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return _coloured if wanted else _plain


class Progress:
    """A progress bar on a terminal. It writes nothing if the stream is not a terminal."""

    def __init__(self, label: str, total: int, stream: TextIO | None = None) -> None:
        self._label = label
        self._total = total
        self._done = 0
        self._shown = ""
        self._stream = stream or sys.stderr
        self._watched = self._stream.isatty()

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        if self._watched:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def step(self) -> None:
        """Count one step as done."""
        self._done += 1
        self._show()

    def _show(self) -> None:
        """Draw the bar only if it has changed, because writing to a terminal is slow."""
        filled = _WIDTH * self._done // max(self._total, 1)
        percent = 100 * self._done // max(self._total, 1)
        line = f"{self._label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {percent:3} %"
        if self._watched and line != self._shown:
            self._shown = line
            self._stream.write(f"\r{line}")
            self._stream.flush()


def _coloured(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _plain(text: str, style: str) -> str:
    return text
