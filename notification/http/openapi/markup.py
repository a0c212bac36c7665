"""Build HTML from elements, so that text is always escaped."""

import re
from html import escape

_CODE = re.compile(r"`([^`]*)`")


class Markup(str):
    """HTML that is not escaped again."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str) -> Markup:
    """Make an element. `class_` becomes the attribute `class`, `aria_label` becomes `aria-label`."""
    names = {key: key.rstrip("_").replace("_", "-") for key in attributes}
    written = "".join(f' {names[key]}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{written}>{''.join(map(safe, children))}</{name}>")


def safe(text: str) -> str:
    """Escape a text, unless it is markup."""
    return text if isinstance(text, Markup) else escape(text)


def prose(text: str) -> Markup:
    """Convert text with `code` in backticks to HTML."""
    return Markup(_CODE.sub(r"<code>\1</code>", escape(text)))
