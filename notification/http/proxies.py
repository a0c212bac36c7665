"""Behind proxies: who asked, by which scheme and for which host, as far as a proxy that we know says so."""

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

PEERS_REMEMBERED: Final = 1024


def trust(proxies: Sequence[str]) -> Middleware:
    """A middleware that honours `X-Forwarded-For`, `-Proto` and `-Host` of requests from `proxies` (networks).

    aiohttp_remotes reads the headers, and walks from the nearest proxy to the first address that is none of ours;
    without such addresses, what the nearest proxy says of scheme and host counts. It does not look at who sent them,
    so that is done here: from anybody else they mean nothing. Raises `ValueError` for what is no network.
    """
    networks = [ip_network(proxy) for proxy in proxies]
    along_the_way, nearest = XForwardedFiltered(networks), XForwardedRelaxed()

    @lru_cache(PEERS_REMEMBERED)
    def is_ours(peer: str) -> bool:
        return any(ip_address(peer) in network for network in networks)

    @web.middleware
    async def honour(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def note(rewritten: web.Request) -> web.StreamResponse:
            if rewritten.scheme not in SCHEMES:
                raise Malformed("Invalid header", ["X-Forwarded-Proto: http or https"])
            request[REMOTE] = rewritten.remote or ""
            return await handler(rewritten)

        if request.remote is None or not is_ours(request.remote):
            return await handler(request)
        forwarded = along_the_way if hdrs.X_FORWARDED_FOR in request.headers else nearest
        return await forwarded.middleware(request, note)

    return honour
