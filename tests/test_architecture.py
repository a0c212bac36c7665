"""Rules of the code besides types and lint: the imports of the algebra, and the sizes of functions and files."""

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
    """Yield every function with its number of lines without the docstring."""
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
    assert {path: count for path, count in lines.items() if count > 250} == {}
    assert {place: length for place, length in lengths.items() if length > 30} == {}
    assert median(lines.values()) <= 80
    assert median(lengths.values()) <= 6


BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Return how deeply blocks are nested below a node. Nested functions count separately."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, nesting(child, depth + (isinstance(child, BLOCKS) and not is_elif)))
    return deepest


def test_blocks_are_nested_at_most_three_deep() -> None:
    deep = {}
    for path in WRITTEN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and nesting(node) > 3:
                deep[path.name, node.name] = nesting(node)
    assert deep == {}


def test_type_checks_are_rarely_turned_off() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WRITTEN]
    assert sum(text.count("type: ignore") for text in texts) <= sum(text.count("\n") for text in texts) / 1000


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


def broad_handlers(path: Path) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        named = isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name)
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or (named and ast.unparse(node.type) in {"Exception", "BaseException"})
        ):
            yield node


def test_exceptions_are_caught_broadly_in_two_places_only() -> None:
    """Handlers that end with `raise` only clean up; the others answer for whatever went wrong."""
    final = [path.name for path in WRITTEN for handler in broad_handlers(path) if not is_cleanup(handler)]
    assert len(final) <= 2, final


def is_cleanup(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
