"""HTML from elements, so that text is never taken for markup."""

import re
from html import escape

_CODE = re.compile(r"`([^`]*)`")


class Markup(str):
    """HTML that is written as it is; any other text is escaped."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str) -> Markup:
    """An element; `class_` stands for `class`, `aria_label` for `aria-label`."""
    names = {key: key.rstrip("_").replace("_", "-") for key in attributes}
    written = "".join(f' {names[key]}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{written}>{''.join(map(safe, children))}</{name}>")


def safe(text: str) -> str:
    """The text as HTML."""
    return text if isinstance(text, Markup) else escape(text)


def prose(text: str) -> Markup:
    """Text with `code` between backticks."""
    return Markup(_CODE.sub(r"<code>\1</code>", escape(text)))
