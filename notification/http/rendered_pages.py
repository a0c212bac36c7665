"""Cache the body and headers of pages: most clients ask for a page that another request has already rendered."""

from typing import Final, NamedTuple
from weakref import ref

from aiohttp import hdrs

from notification.domain.pages import Page
from notification.http import serializers
from notification.http.etag import Headers, tag_of
from notification.services.inbox import Inbox

_BODY: Final = 41
"""Bytes of a `bytes` object without its content, rounded up to what is allocated."""
_HEADER: Final = 300
"""Bytes of a header and its name, without the text of its value."""
_ENTRY: Final = 400
"""Bytes of an entry of the cache without its body and its headers."""


class RenderedPage(NamedTuple):
    """A page as it is sent."""

    body: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of memory that it takes."""
        return _ENTRY + _BODY + len(self.body) + sum(_HEADER + len(value) for value in self.headers.values())


class RenderedPages:
    """Rendered pages, each kept exactly as long as the view cache keeps its page.

    An entry refers to its page weakly, and its size counts against `cache.views`: if the view cache drops a page, the
    rendered one goes with it.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._rendered: dict[int, tuple[ref[Page], RenderedPage]] = {}
        """By `id` of a page, which belongs to it until the callback of the reference has removed the entry."""

    def __len__(self) -> int:
        return len(self._rendered)

    def render(self, username: str, page: Page) -> RenderedPage:
        """Return the page's body and headers; make them if they are not cached."""
        kept = self._rendered.get(id(page))
        if kept is not None:
            return kept[1]
        rendered = _render(page)
        self._keep(page, rendered)
        self._inbox.grow_view(username, page, rendered.size)
        return rendered

    def _keep(self, page: Page, rendered: RenderedPage) -> None:
        key = id(page)
        self._rendered[key] = ref(page, lambda _: self._rendered.pop(key)), rendered


def _render(page: Page) -> RenderedPage:
    body = serializers.encode(serializers.items(page))
    return RenderedPage(body, Headers({**serializers.page_headers(page), hdrs.ETAG: tag_of(body)}))
