"""Describe JSON schemas in words."""

from typing import Final

from notification.http.openapi.markup import Markup, element, prose
from notification.http.openapi.operation import Schema

_BOUNDS: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " of them"),
    ("minProperties", "maxProperties", " of them"),
)
"""The JSON Schema keywords of a minimum and a maximum, and their unit."""


def describe_type(schema: Schema) -> Markup:
    """Describe a type in a few words, with a link if it has a section of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return element("a", name, href=f"#schema-{name}")
    if "anyOf" in schema and "type" not in schema:
        return Markup(" or ".join(describe_type(one) for one in schema["anyOf"]))
    bounds = (_bound(schema.get(minimum), schema.get(maximum), unit) for minimum, maximum, unit in _BOUNDS)
    return Markup(", ".join([_base(schema), *filter(None, bounds)]))


def properties_table(schema: Schema) -> Markup:
    """Make a table of an object's fields."""
    required = schema.get("required", ())
    rows = [_row(name, one, name in required) for name, one in schema.get("properties", {}).items()]
    heads = [element("th", one, scope="col") for one in ("Field", "Type", "Description")]
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


def _bound(minimum: int | None, maximum: int | None, unit: str) -> str:
    if minimum is None:
        return "" if maximum is None else f"at most {maximum}{unit}"
    return f"at least {minimum}{unit}" if maximum is None else f"{minimum} to {maximum}{unit}"


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
