"""JSON schemas in words: what a person wants to know of a type."""

from collections.abc import Callable
from typing import Any, Final

from notification.http.openapi.markup import Markup, element, prose
from notification.http.openapi.operation import Schema

_BOUNDS: Final[dict[str, Callable[[Any], str]]] = {
    "minimum": lambda bound: f"at least {bound}",
    "maximum": lambda bound: f"at most {bound}",
    "minLength": lambda bound: f"at least {bound} characters",
    "maxLength": lambda bound: f"at most {bound} characters",
    "minItems": lambda bound: f"at least {bound}",
    "maxItems": lambda bound: f"at most {bound}",
    "maxProperties": lambda bound: f"at most {bound}",
}


def describe_type(schema: Schema) -> Markup:
    """A type in a few words, with a link where it has a section of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return element("a", name, href=f"#schema-{name}")
    if "anyOf" in schema and "type" not in schema:
        return Markup(" or ".join(describe_type(one) for one in schema["anyOf"]))
    return Markup(_base(schema) + "".join(f", {say(schema[key])}" for key, say in _BOUNDS.items() if key in schema))


def properties_table(schema: Schema) -> Markup:
    """The fields of an object."""
    required = schema.get("required", ())
    rows = [_row(name, one, name in required) for name, one in schema.get("properties", {}).items()]
    heads = [element("th", one, scope="col") for one in ("Field", "Type", "What it says")]
    if not rows:
        return element("p", describe_type(schema))
    return element(
        "div", element("table", element("thead", element("tr", *heads)), element("tbody", *rows)), class_="wide"
    )


def _row(name: str, schema: Schema, required: bool) -> Markup:
    said = schema.get("description") or next(
        (one["description"] for one in schema.get("anyOf", ()) if "description" in one), ""
    )
    shown = Markup(element("code", name) + ("" if required else " (optional)"))
    return element("tr", element("td", shown), element("td", describe_type(schema)), element("td", prose(said)))


def _base(schema: Schema) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {describe_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {describe_type(schema['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
