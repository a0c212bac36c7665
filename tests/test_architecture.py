"""What the code is held to beside types and lint: what the algebra imports, and how large things get."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.service_process import ROOT

PURE = {
    "collections",
    "dataclasses",
    "functools",
    "itertools",
    "json",
    "re",
    "typing",
    "msgpack",
    "zstandard",
    "siblings",
}
MODULES = [path for package in ("siblings", "notification") for path in sorted((ROOT / package).rglob("*.py"))]
WRITTEN = [path for path in MODULES if not path.name.endswith("_pb2.py")]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function, and its lines without the docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def test_the_algebra_imports_nothing_but_what_is_pure() -> None:
    used = {name for path in (ROOT / "siblings").glob("*.py") for name in imports(path)}
    assert used <= PURE


def test_files_and_functions_are_small() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in WRITTEN}
    lengths = {(path, name): length for path in WRITTEN for name, length in functions(path)}
    assert {path: count for path, count in lines.items() if count > 350} == {}
    assert {place: length for place, length in lengths.items() if length > 40} == {}
    assert median(lines.values()) <= 150
    assert median(lengths.values()) <= 6


def test_every_module_and_public_function_says_what_it_is_for() -> None:
    undocumented = []
    for path in WRITTEN:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [
            tree,
            *(node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)),
        ]
        undocumented += [
            f"{path.name}: {getattr(node, 'name', 'module')}"
            for node in nodes
            if not getattr(node, "name", "").startswith("_") and not ast.get_docstring(node)
        ]
    assert undocumented == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "common", "base", "manager", "misc"}


def test_the_client_does_without_the_http_server() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "notification" / "client").glob("*.py")]
    assert not [text for text in texts if re.search(r"aiohttp\.web\b|from aiohttp import .*\bweb\b", text)]


def test_exceptions_are_caught_broadly_in_two_places_only() -> None:
    broad = [path.name for path in WRITTEN if "except Exception" in path.read_text(encoding="utf-8")]
    assert broad == ["exchange.py", "commits.py"]
