"""YAML with environment variables, and the line of every key, so that an error can name both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from notification.errors import ConfigError

Path = tuple[str | int, ...]

_VARIABLE: Final = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


@dataclass(slots=True)
class Document:
    """A YAML document: its data, the line (from 1) of each path into it, and what is wrong with it so far."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest one above it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def complain(self, path: Path, reason: str) -> None:
        """Note an error at a path."""
        name = ".".join(map(str, path)) or "the document"
        self.errors.append(f"line {self.line(path)}: {name}: {reason}")


def parse_yaml(text: str, environment: Mapping[str, str]) -> Document:
    """A document from YAML; `${NAME}` and `${NAME:-default}` come from `environment`, `$${` is a plain `${`.

    What a variable puts where no quotes are is read as YAML reads it there: `${PORT:-8080}` is a number. Raises
    `ConfigError` where it is not YAML; other errors are in the document.
    """
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"line {line}: not YAML: {error.problem}"]) from error
    finally:
        loader.dispose()
    document = Document()
    if root is not None:
        document.data = _Builder(loader, environment, document).build(root, ())
    return document


class _Builder:
    def __init__(self, loader: yaml.SafeLoader, environment: Mapping[str, str], document: Document) -> None:
        self._loader = loader
        self._environment = environment
        self._document = document

    def build(self, node: yaml.Node, path: Path) -> Any:
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, number)) for number, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            self._document.lines[(*path, key)] = self._document.lines[(*path, key.replace("-", "_"))] = line
            if key in mapping:
                self._document.complain((*path, key), "twice")
            mapping[key] = self.build(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        text = _VARIABLE.sub(lambda match: self._substitute(match, path), node.value)
        quoted = isinstance(node, yaml.ScalarNode) and node.style
        try:
            tag = node.tag if quoted else self._loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
            return self._loader.construct_object(yaml.ScalarNode(tag, text), deep=True)
        except (yaml.YAMLError, ValueError) as error:
            self._document.complain(path, f"not readable: {error}")
            return None

    def _substitute(self, match: re.Match[str], path: Path) -> str:
        if match["escaped"]:
            return match[0][1:]
        value = self._environment.get(match["name"]) or match["default"]
        if value is None:
            self._document.complain(path, f"the environment has no {match['name']}, and there is no default")
        return value or ""
