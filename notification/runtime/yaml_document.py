"""Parses YAML with environment variables, and keeps the line of every key, so that an error can name the line and the
variable.

PyYAML parses the text, records the lines, resolves the types and constructs the scalars. Only the traversal of its
nodes is written here, for four reasons. PyYAML's own constructors stop at the first error, build an aliased node only
once and so do not see the path of each use, accept duplicate keys, and do not limit depth or size.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from notification.domain.errors import ConfigError

Path = tuple[str | int, ...]

MAX_DEPTH: Final = 20
"""Maximum levels of nesting. A configuration has five levels."""
MAX_VALUES: Final = 50_000
"""Maximum number of values in a document. An aliased value counts at every use, because nested aliases multiply. A
thousand rules have 5,000 values."""
MAX_SHOWN: Final = 60
"""Maximum number of characters of a value that an error shows."""

_VARIABLE: Final = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_IS_SECRET: Final = re.compile(r"password|secret|token", re.IGNORECASE).search


@dataclass(slots=True)
class Document:
    """A YAML document: its data, the line (from 1) of each path, and the errors found so far.

    `used`: the names of all variables in the text. `variables`: the values from the environment, by path and name.
    `unread`: the paths of values that could not be read and were replaced by null.
    """

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    variables: dict[Path, dict[str, str]] = field(default_factory=dict)
    unread: set[Path] = field(default_factory=set)

    def line(self, path: Path) -> int:
        """Return the line of a path, or of its nearest ancestor in the document."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add_error(self, path: Path, reason: str) -> None:
        """Add an error at a path. The message names the environment variables in the value at this path."""
        name = ".".join(map(str, path)) or "the document"
        self.errors.append(f"line {self.line(path)}: {shown(name)}: {reason}{self._source(path)}")

    def _source(self, path: Path) -> str:
        while path and path not in self.variables:
            path = path[:-1]
        given = self.variables.get(path, {})
        hidden = is_secret(path)
        texts = [name if hidden or _IS_SECRET(name) else f"{name}={shown(value)}" for name, value in given.items()]
        return f" (from the environment: {', '.join(texts)})" if texts else ""


def is_secret(path: Path) -> bool:
    """Return whether the value at a path must not appear in a message."""
    return bool(path) and _IS_SECRET(str(path[-1])) is not None


def shown(text: str) -> str:
    """Return input text for a message, as one line without control characters, cut after `MAX_SHOWN` characters."""
    cut = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in cut)


def parse_yaml(text: str, environment: Mapping[str, str]) -> Document:
    """Parse YAML. Replace `${NAME}` and `${NAME:-default}` from `environment`; `$${` is a literal `${`.

    Outside quotes, YAML decides the type of the substituted text: `${PORT:-8080}` is a number. Raises `ConfigError` if
    the text is not YAML, is nested too deeply, or has too many values. Other errors are in the result.
    """
    root, loader = _composed(text)
    document = Document()
    if root is not None:
        document.data = _Builder(loader, environment, document).build(root, ())
    return document


def _composed(text: str) -> tuple[yaml.Node | None, yaml.SafeLoader]:
    """Return the root node of a text, and the loader that constructs values from nodes."""
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError([f"line {line}: not YAML: there is a control character"]) from error
    try:
        return loader.get_single_node(), loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"line {line}: not YAML: {error.problem}"]) from error
    except RecursionError as error:
        raise ConfigError([f"line {loader.line + 1}: nested too deeply"]) from error
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, loader: yaml.SafeLoader, environment: Mapping[str, str], document: Document) -> None:
        self._loader = loader
        self._environment = environment
        self._document = document
        self._open: set[yaml.Node] = set()
        self._values = 0

    def build(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self._document.lines.setdefault(path, line)
        self._values += 1
        if self._values > MAX_VALUES:
            raise ConfigError([f"line {line}: more than {MAX_VALUES} values, those that aliases repeat included"])
        if len(path) > MAX_DEPTH:
            raise ConfigError([f"line {line}: nested too deeply"])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node in self._open:
            self._document.unread.add(path)
            self._document.add_error(path, "this alias refers to a value that contains it")
            return None
        self._open.add(node)
        try:
            return self._collection(node, path)
        finally:
            self._open.remove(node)

    def _collection(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self.build(child, (*path, number)) for number, child in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._document.errors.append(f"line {line}: a key must be text")
                continue
            key = str(key_node.value)
            self._document.lines[(*path, key)] = self._document.lines[(*path, key.replace("-", "_"))] = line
            if key in mapping:
                self._document.add_error((*path, key), "twice")
            mapping[key] = self.build(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text = _VARIABLE.sub(lambda match: self._substitute(match, path), node.value)
        try:
            tag = node.tag if node.style else self._loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
            return self._loader.construct_object(yaml.ScalarNode(tag, text), deep=True)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, OverflowError):
            # PyYAML raises all of these if a text does not have the form that its tag or type requires.
            self._document.unread.add(path)
            self._document.add_error(path, "not readable as the date, number or tag that it looks like")
            return None

    def _substitute(self, match: re.Match[str], path: Path) -> str:
        if match["escaped"]:
            return match[0][1:]
        name = match["name"]
        self._document.used.add(name)
        given = self._environment.get(name)
        if given:
            self._document.variables.setdefault(path, {})[name] = given
        elif match["default"] is None:
            self._document.unread.add(path)
            self._document.add_error(path, f"the environment has no {name}, and there is no default")
        return given or match["default"] or ""
