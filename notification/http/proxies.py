"""Take the client's address, scheme and host from the headers that trusted proxies add."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from aiohttp_remotes import XForwardedFiltered, XForwardedRelaxed

from notification.domain.errors import Malformed
from notification.http.keys import REMOTE
from notification.http.origins import SCHEMES

CACHED_PEERS: Final = 1024


def trust(proxies: Sequence[str]) -> Middleware:
    """Make a middleware that honours `X-Forwarded-For`, `-Proto` and `-Host` in requests from `proxies` (networks).

    aiohttp_remotes parses the headers: it walks from the nearest proxy to the first address outside `proxies`. If there
    is no `X-Forwarded-For`, the scheme and host from the nearest proxy apply. aiohttp_remotes does not check which peer
    sent the headers, so this middleware ignores the headers of peers outside `proxies`. Raises `ValueError` for an
    invalid network.
    """
    networks = [ip_network(proxy) for proxy in proxies]
    filtered, nearest = XForwardedFiltered(networks), XForwardedRelaxed()

    @lru_cache(CACHED_PEERS)
    def is_trusted(peer: str) -> bool:
        return any(ip_address(peer) in network for network in networks)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def handle_forwarded(rewritten: web.Request) -> web.StreamResponse:
            if rewritten.scheme not in SCHEMES:
                raise Malformed("Invalid header", ["X-Forwarded-Proto: must be http or https"])
            request[REMOTE] = rewritten.remote or ""
            return await handler(rewritten)

        if request.remote is None or not is_trusted(request.remote):
            return await handler(request)
        forwarded = filtered if hdrs.X_FORWARDED_FOR in request.headers else nearest
        return await forwarded.middleware(request, handle_forwarded)

    return middleware
