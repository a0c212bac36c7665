"""The GraphiQL page that strawberry ships. The page loads its files from a content delivery network.

Its Content-Security-Policy is derived from the page, so this module also works if strawberry's page names other files.
"""

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from strawberry.http.ides import get_graphql_ide_html

_DIRECTIVES: Final = {"script": ("script-src", "src"), "link": ("style-src", "href")}
"""By element: the directive that allows its file, and the attribute that names the file."""


def graphiql() -> tuple[str, str]:
    """Return the page and its Content-Security-Policy."""
    text = get_graphql_ide_html("graphiql")
    return text, policy(text)


def policy(text: str) -> str:
    """Return a policy that allows the scripts and style sheets that a page names, and nothing else.

    Inline scripts are allowed by their hash. Inline styles are allowed in general, because GraphiQL's editor makes them
    while it runs. The style sheets contain images and fonts as `data:` URLs.
    """
    sources = _Sources()
    sources.feed(text)
    sources.close()
    scripts, styles = (" ".join(dict.fromkeys(sources.found[name])) for name in ("script-src", "style-src"))
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline' {styles}; img-src data:; font-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _Sources(HTMLParser):
    """The origins of a page's files, and the hashes of its inline scripts, by directive."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: dict[str, list[str]] = {"script-src": [], "style-src": []}
        self._inline: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the origin of a file, or begin an inline script."""
        given = dict(attrs)
        if tag not in _DIRECTIVES or (tag == "link" and given.get("rel") != "stylesheet"):
            return
        directive, attribute = _DIRECTIVES[tag]
        if address := given.get(attribute):
            parts = urlsplit(address)
            self.found[directive].append(f"{parts.scheme}://{parts.netloc}")
        elif tag == "script":
            self._inline = []

    def handle_data(self, data: str) -> None:
        """Keep the text of an inline script."""
        if self._inline is not None:
            self._inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note the hash of an inline script."""
        if tag == "script" and self._inline is not None:
            digest = sha256("".join(self._inline).encode()).digest()
            self.found["script-src"].append(f"'sha256-{b64encode(digest).decode()}'")
            self._inline = None
