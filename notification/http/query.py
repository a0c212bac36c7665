"""Query parameters that a request may have."""

from typing import Final

from aiohttp import web

from notification.domain.errors import Malformed

MAX_LISTED: Final = 20
"""Unknown parameters that an error lists."""


def check_parameters(request: web.Request, *known: str) -> None:
    """Refuse all others: if a misspelt one were ignored, a removal would remove more than was meant. Raises
    `Malformed`."""
    unknown = [name for name in dict.fromkeys(request.query) if name not in known]
    if unknown:
        raise Malformed("Invalid query", [f"{_printable(name)}: no such parameter" for name in unknown[:MAX_LISTED]])


def _printable(name: str) -> str:
    return name[:60].encode(errors="replace").decode()
