"""JSON schemas in words: what a person wants to know of a type."""

from typing import Final

from notification.http.openapi.markup import Markup, element, prose
from notification.http.openapi.operation import Schema

_BOUNDS: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " of them"),
    ("minProperties", "maxProperties", " of them"),
)
"""Keywords of the least and the most, and of what."""


def describe_type(schema: Schema) -> Markup:
    """A type in a few words, with a link where it has a section of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return element("a", name, href=f"#schema-{name}")
    if "anyOf" in schema and "type" not in schema:
        return Markup(" or ".join(describe_type(one) for one in schema["anyOf"]))
    bounds = (_bound(schema.get(least), schema.get(most), unit) for least, most, unit in _BOUNDS)
    return Markup(", ".join([_base(schema), *filter(None, bounds)]))


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


def _bound(least: int | None, most: int | None, unit: str) -> str:
    if least is None:
        return "" if most is None else f"at most {most}{unit}"
    return f"at least {least}{unit}" if most is None else f"{least} to {most}{unit}"


def _base(schema: Schema) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_grouped(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_grouped(schema['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _grouped(schema: Schema) -> str:
    described = describe_type(schema)
    return f"({described})" if " or " in described or ", " in described else described
