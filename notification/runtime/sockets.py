"""The addresses that the service listens on: bound once, by whoever starts it, and handed to whoever serves."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from notification.runtime.config import Server

_NOT_OURS = frozenset((errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))


@dataclass(frozen=True, slots=True)
class Sockets:
    """What a service listens on: for everyone, and for operators alone if they have a port of their own."""

    public: Sequence[socket.socket]
    operators: Sequence[socket.socket] = ()

    @classmethod
    def bind(cls, server: Server) -> Self:
        """The sockets that the configuration asks for. Raises `OSError`."""
        public = bind(server.host, server.port)
        try:
            operators = [] if server.admin_port is None else bind(server.host, server.admin_port)
        except OSError:
            close(public)
            raise
        return cls(public, operators)

    @classmethod
    def of_descriptors(cls, public: str, operators: str) -> Self:
        """Inherited sockets, from the texts that `descriptors` made."""
        return cls(
            *([socket.socket(fileno=int(part)) for part in text.split(",") if part] for text in (public, operators))
        )

    @property
    def descriptors(self) -> tuple[str, str]:
        """Their numbers, as texts with commas."""
        public, operators = (",".join(str(one.fileno()) for one in part) for part in (self.public, self.operators))
        return public, operators

    @property
    def every(self) -> list[socket.socket]:
        """All of them."""
        return [*self.public, *self.operators]

    @property
    def urls(self) -> dict[str, str]:
        """Where to reach the service: `url`, and `admin_url` if operators have a port of their own."""
        urls = {"url": url(self.public[0])}
        return {**urls, "admin_url": url(self.operators[0])} if self.operators else urls

    def close(self) -> None:
        """Close them all."""
        close(self.every)


def bind(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of `host` that this machine has, bound and not yet listening: nobody may connect
    before there is somebody to answer.

    Raises `OSError` where an address is taken, or none is ours.
    """
    bound: list[socket.socket] = []
    absent: list[OSError] = []
    for family, kind, protocol, _, address in _addresses(host, port):
        try:
            bound.append(_bound(socket.socket(family, kind, protocol), address))
        except OSError as error:
            if error.errno not in _NOT_OURS:
                close(bound)
                raise OSError(f"can't listen on {address[0]}, port {port}: {_reason(error)}") from error
            absent.append(error)
    if not bound:
        raise OSError(f"can't listen on {host}, port {port}: {_reason(absent[0])}") from absent[0]
    return bound


def close(sockets: Sequence[socket.socket]) -> None:
    """Close them all."""
    for one in sockets:
        one.close()


def url(bound: socket.socket) -> str:
    """Where to reach it."""
    host, port, *_ = bound.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _addresses(host: str, port: int) -> Sequence[tuple[int, int, int, str, tuple[str | int, ...]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(found))  # type: ignore[arg-type]  # the addresses of other families are never found here


def _bound(unbound: socket.socket, address: tuple[str | int, ...]) -> socket.socket:
    try:
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # restarts need not wait for old connections
        if unbound.family == socket.AF_INET6:
            unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
        unbound.bind(address)
    except OSError:
        unbound.close()
        raise
    return unbound
