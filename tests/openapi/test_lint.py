"""The document keeps the rules that linters (Spectral's `spectral:oas`) and generators of clients go by."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from notification.http.openapi.document import make_document

DOCUMENT = make_document()
METHODS = ("get", "post", "put", "delete")
OPERATIONS = [
    (path, method, item[method]) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item
]
SPECTRAL = shutil.which("spectral")


def parts(node: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in the document, with its place."""
    if isinstance(node, dict):
        yield place, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from parts(child, f"{place}/{name}")


EXAMPLES = [(place, part) for place, part in parts(DOCUMENT) if "example" in part and "schema" in part]


@pytest.mark.parametrize(("place", "part"), EXAMPLES, ids=[place for place, _ in EXAMPLES])
def test_examples_are_of_the_declared_type(place: str, part: dict[str, Any]) -> None:
    schema = {**part["schema"], "components": DOCUMENT["components"]}
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [error.message for error in validator.iter_errors(part["example"])] == []


@pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_operation_says_what_it_does(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]


def test_there_is_a_server_and_a_contact() -> None:
    assert DOCUMENT["servers"]
    assert DOCUMENT["info"]["contact"]


def test_every_component_is_used_and_every_reference_leads_somewhere() -> None:
    used = {part["$ref"] for _, part in parts(DOCUMENT) if "$ref" in part}
    there = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    assert used == there


def test_alternatives_have_names_for_clients_that_are_generated() -> None:
    alternatives = [one for _, part in parts(DOCUMENT) for one in part.get("anyOf", ()) if "properties" in one]
    assert alternatives
    assert all("title" in one for one in alternatives)


def test_times_are_marked_as_such() -> None:
    times = [part for place, part in parts(DOCUMENT) if place.endswith("/created_at") and "pattern" in part]
    assert times
    assert {part.get("format") for part in times} == {"date-time"}


@pytest.mark.skipif(SPECTRAL is None, reason="there is no Spectral here")
def test_spectral_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    done = subprocess.run(
        [str(SPECTRAL), "lint", "--fail-severity=hint", "openapi.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
