"""Cache the body and headers of pages, because most requests are for a page that has been rendered before."""

from typing import Final
from weakref import ref

from notification.domain.pages import Page
from notification.http import serializers
from notification.http.etag import Representation, compressed, represent
from notification.services.inbox import Inbox

_BODY: Final = 41
"""Bytes of a `bytes` object without its content, rounded up to what is allocated."""
_HEADER: Final = 300
"""Bytes of a header and its name, without the text of its value."""
_SHARED_HEADER: Final = 80
"""Bytes of a header whose name and value the plain representation already holds."""
_ENTRY: Final = 400
"""Bytes of an entry of the cache without its body and its headers."""


class _Rendered:
    """The representations of a page that clients have requested."""

    __slots__ = ("gzip", "page", "plain")

    def __init__(self, page: "ref[Page]", plain: Representation) -> None:
        self.page = page
        self.plain = plain
        self.gzip: Representation | None = None


class RenderedPages:
    """Rendered pages, plain and compressed.

    A rendered page is kept exactly as long as the view cache keeps the `Page` from which it was rendered, because an
    entry has a weak reference to that `Page`. The entry's own size counts against `cache.views`.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._rendered: dict[int, _Rendered] = {}
        """By `id` of a page. Python reuses the id only after the weak reference's callback has removed the entry."""

    def __len__(self) -> int:
        return len(self._rendered)

    def plain(self, username: str, page: Page) -> Representation:
        """Return the plain representation of a page; render it if it is not cached."""
        kept = self._rendered.get(id(page))
        return kept.plain if kept is not None else self._keep(username, page).plain

    async def gzip(self, username: str, page: Page) -> Representation:
        """Return the compressed representation of a page; render it if it is not cached."""
        kept = self._rendered.get(id(page)) or self._keep(username, page)
        if kept.gzip is None:
            made = await compressed(kept.plain)
            if kept.gzip is None:  # another request may have made it meanwhile
                kept.gzip = made
                self._inbox.grow_view(username, page, _BODY + len(made.body) + _SHARED_HEADER * len(made.headers))
        return kept.gzip

    def _keep(self, username: str, page: Page) -> _Rendered:
        key, plain = id(page), represent(serializers.encode(serializers.items(page)), serializers.page_headers(page))
        kept = self._rendered[key] = _Rendered(ref(page, lambda _: self._rendered.pop(key)), plain)
        headers = sum(_HEADER + len(value) for value in plain.headers.values())
        self._inbox.grow_view(username, page, _ENTRY + _BODY + len(plain.body) + headers)
        return kept
