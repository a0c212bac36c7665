"""The paths of the REST interface, with names encoded. Pure."""

from urllib.parse import quote


def feed(username: str) -> str:
    """The path of a user's feed."""
    return f"/v1/notifications/{_quoted(username)}"


def rule(category: str) -> str:
    """The path of a category's rule."""
    return f"/v1/rules/{_quoted(category)}"


def cursor(username: str, name: str) -> str:
    """The path of a user's cursor."""
    return f"/v1/cursors/{_quoted(username)}/{_quoted(name)}"


def _quoted(name: str) -> str:
    """Encode a name as one segment of a path. A lone surrogate becomes bytes that are not UTF-8, which the service
    refuses."""
    return quote(name, safe="", errors="surrogatepass")
