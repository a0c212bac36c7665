"""Report words in docs, docstrings and comments that read as a translation. `make check` runs it."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PLACES = ("README.md", "CHANGELOG.md", "config.yml", "docs", "siblings", "notification", "benchmarks")
"""Files and folders to check."""
WORDS = re.compile(r"\b(?:he|his|him|himself|whoever|somebody|(?:is|are|was|were) told)\b", re.IGNORECASE)
"""A program is "it" and people are "they" or a role. "Is told" is "gets", "receives" or "reads"."""
ALLOWED: dict[tuple[str, str], str] = {}
"""Exceptions: file and word to the reason why it stays."""


class Finding(NamedTuple):
    """A word that the check rejects, and where it is."""

    path: str
    line: int
    word: str


def findings(path: str, text: str) -> list[Finding]:
    """Return what the check rejects in the prose of a file, in the order of lines."""
    return sorted(
        Finding(path, line + prose.count("\n", 0, match.start()), match[0])
        for line, prose in _prose(path, text)
        for match in WORDS.finditer(prose)
        if (path, match[0].lower()) not in ALLOWED
    )


def _prose(path: str, text: str) -> Iterator[tuple[int, str]]:
    """The prose of a file, each piece with its first line: comments and docstrings of code, all of a document."""
    if path.endswith(".py"):
        yield from _docstrings(text)
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    elif path.endswith((".js", ".css")):
        for comment in re.finditer(r"/\*.*?\*/|(?:^|\s)//[^\n]*", text, re.DOTALL):
            yield 1 + text.count("\n", 0, comment.start()), comment[0]
    elif path.endswith((".md", ".yml", ".html", ".service")):
        yield 1, text


def _docstrings(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def _files() -> Iterator[Path]:
    for place in PLACES:
        path = ROOT / place
        yield from (inner for inner in sorted(path.rglob("*.*")) if inner.is_file()) if path.is_dir() else [path]


def main() -> int:
    """Print every finding; return 1 if there is any."""
    found = [
        finding
        for path in _files()
        if path.suffix in {".py", ".js", ".css", ".md", ".yml", ".html", ".service"}
        for finding in findings(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    for path, line, word in found:
        print(f"{path}:{line}: {word!r}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
