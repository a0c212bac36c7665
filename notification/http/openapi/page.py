"""Render the document as an HTML page that needs no script and no other host."""

import json
from collections.abc import Iterator
from typing import Any, Final

from notification.http.openapi.markup import Markup, element, prose
from notification.http.openapi.operation import Schema
from notification.http.openapi.schemas import describe_type, properties_table
from notification.http.openapi.shared import ALWAYS

_HEAD: Final = Markup(
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<title>HTTP reference · Notification</title><link rel="icon" href="/web/icon.svg" type="image/svg+xml">'
    '<link rel="stylesheet" href="/web/page.css"><link rel="stylesheet" href="/web/docs.css">'
)


def render_page(document: Schema) -> str:
    """Render the page."""
    body = element(
        "body",
        element("a", "Skip to the reference", class_="skip", href="#reference"),
        _masthead(document),
        element("div", _navigation(document), _reference(document), class_="frame"),
    )
    return "<!doctype html>" + element("html", element("head", _HEAD), body, lang="en")


def _masthead(document: Schema) -> Markup:
    info = document["info"]
    return element(
        "header",
        element("h1", f"{info['title']} HTTP reference"),
        element("span", f"Version {info['version']}", class_="quiet"),
        element("a", "openapi.json", href="/openapi.json"),
        element("a", "GraphQL", href="/graphql"),
        class_="masthead",
    )


def _navigation(document: Schema) -> Markup:
    parts = []
    for tag in document["tags"]:
        links = [_link(method, path, one["operationId"]) for method, path, one in _operations(document, tag["name"])]
        parts.append(element("h2", tag["name"]) + element("ul", *links))
    parts.append(element("h2", "More") + element("ul", _item("#errors", "Errors"), _item("#schemas", "Schemas")))
    return element("nav", Markup("".join(parts)), aria_label="Operations")


def _link(method: str, path: str, id_: str) -> Markup:
    return element("li", element("a", _badge(method), " ", path, href=f"#{id_}"))


def _item(target: str, text: str) -> Markup:
    return element("li", element("a", text, href=target))


def _reference(document: Schema) -> Markup:
    parts = [element("p", prose(document["info"]["description"]), class_="about")]
    for tag in document["tags"]:
        operations = [_operation(*one) for one in _operations(document, tag["name"])]
        parts.append(
            element("section", element("h2", tag["name"]), element("p", prose(tag["description"])), *operations)
        )
    parts += [_errors(document), _schemas(document)]
    return element("main", *parts, id="reference")


def _operations(document: Schema, tag: str) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        yield from ((method, path, one) for method, one in methods.items() if tag in one["tags"])


def _operation(method: str, path: str, operation: Schema) -> Markup:
    title = element("h3", _badge(method), " ", element("code", path))
    parts = [title, element("p", operation["summary"], class_="summary")]
    if operation["description"]:
        parts.append(element("p", prose(operation["description"])))
    if operation["parameters"]:
        rows = [_parameter(one) for one in operation["parameters"]]
        parts.append(_table("Parameters", ("Name", "In", "Type", "Description"), rows))
    if "requestBody" in operation:
        parts += [element("h4", "Body"), _content(operation["requestBody"]["content"])]
    parts += [element("h4", "Replies"), *(_reply(status, one) for status, one in operation["responses"].items())]
    return element("article", *parts, id=operation["operationId"])


def _badge(method: str) -> Markup:
    return element("span", method.upper(), class_=f"method {method}")


def _parameter(parameter: Schema) -> Markup:
    example = parameter.get("example")
    said = prose(parameter["description"] + (f" Example: `{_text(example)}`" if example is not None else ""))
    name = element("code", parameter["name"]) + (" (required)" if parameter["required"] else "")
    return element(
        "tr", *(element("td", Markup(one)) for one in (name, parameter["in"], describe_type(parameter["schema"]), said))
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _table(title: str, heads: tuple[str, ...], rows: list[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", one, scope="col") for one in heads)))
    table = element("table", head, element("tbody", *rows))
    return Markup(
        element("h4", title) + element("div", table, class_="wide", role="group", tabindex="0", aria_label=title)
    )


def _content(content: Schema) -> Markup:
    parts = []
    for media, body in content.items():
        parts.append(element("p", element("code", media), ": ", describe_type(body["schema"])))
        if "example" in body:
            parts.append(_example(body["example"]))
    return Markup("".join(parts))


def _example(example: Any) -> Markup:
    text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    return element("pre", element("code", text), tabindex="0")


def _reply(status: str, reply: Schema) -> Markup:
    if "$ref" in reply:
        return element("p", element("a", element("code", status), href=f"#error-{status}"), class_="short")
    headers = [name for name in reply["headers"] if name not in ALWAYS]
    said = [element("code", status), " ", prose(reply["description"])]
    if headers:
        said.append(element("span", f" Headers: {', '.join(headers)}", class_="quiet"))
    return Markup(element("p", *said) + _content(reply.get("content", {})))


def _errors(document: Schema) -> Markup:
    shown = [_error(status, reply) for status, reply in document["components"]["responses"].items()]
    intro = "All errors have the same shape. `errors` is present if there are reasons to list."
    return element("section", element("h2", "Errors"), element("p", prose(intro)), *shown, id="errors")


def _error(status: str, reply: Schema) -> Markup:
    title, said = element("h3", element("code", status)), element("p", prose(reply["description"]))
    return element("article", title, said, _content(reply["content"]), id=f"error-{status}")


def _schemas(document: Schema) -> Markup:
    shown = [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    return element("section", element("h2", "Schemas"), *shown, id="schemas")


def _schema(name: str, schema: Schema) -> Markup:
    title, said = element("h3", name), element("p", prose(schema.get("description", "")))
    return element("article", title, said, properties_table(schema), id=f"schema-{name}")
