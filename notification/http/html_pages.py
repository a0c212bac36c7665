"""Serve pages for browsers and the files that they load. These files are in this package, so pages work offline."""

from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final

from aiohttp import web

from notification.domain.drafts import check_username
from notification.http.keys import BASE_PATH
from notification.http.parameters import path_name

WEB: Final = Path(str(package_files("notification"))) / "web"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: no inline code, and nothing from other hosts."""
_REST_ROOT: Final = 'content="../"'
"""The attribute of the inbox page that contains the URL of the REST interface, relative to the page."""

routes = web.RouteTableDef()
files = web.RouteTableDef()


@files.get("/web/{name:.+}")
async def file(request: web.Request) -> web.FileResponse:
    """Return a file."""
    name = request.match_info["name"]
    if name not in _names():
        raise web.HTTPNotFound
    return web.FileResponse(WEB / name)


@routes.get("/inbox/{username:[^/]+}")
async def inbox(request: web.Request) -> web.Response:
    """Return the inbox page, which reads the username from its own address."""
    check_username(path_name(request, "username"))
    return html(_text("inbox/index.html").replace(_REST_ROOT, f'content="..{request.app[BASE_PATH]}/"'))


def page(name: str) -> web.Response:
    """Make a reply from an HTML file, by its name."""
    return html(_text(name))


def _text(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def html(text: str, policy: str = POLICY) -> web.Response:
    """Make a reply from an HTML text."""
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, content_type="text/html", headers=headers)


@cache
def _names() -> frozenset[str]:
    """The names of all files. A request for any other name does not reach the file system."""
    return frozenset(path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.is_file())
