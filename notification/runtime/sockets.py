"""The sockets on which the service listens. They are bound or inherited once, and then shared by all workers."""

import errno
import os
import socket
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Self

from notification.runtime.config import Server

ADMIN: Final = "admin"
"""The name (`FileDescriptorName=`) of a socket that systemd passes for `server.admin_port`."""
FIRST_PASSED: Final = 3
"""The first descriptor that systemd passes."""
_NOT_OURS = frozenset((errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))


@dataclass(frozen=True, slots=True)
class Sockets:
    """The sockets of a service. `operators`: the sockets of `server.admin_port`, if it is set."""

    public: Sequence[socket.socket]
    operators: Sequence[socket.socket] = ()

    @classmethod
    def open(cls, server: Server, environment: MutableMapping[str, str]) -> Self:
        """Take the sockets that systemd has passed, and bind the missing ones. Raises `OSError`."""
        passed = inherited(environment)
        public = [listening for name, listening in passed if name != ADMIN]
        operators = [listening for name, listening in passed if name == ADMIN]
        try:
            public = public or bind(server.host, server.port)
            if server.admin_port is not None:
                operators = operators or bind(server.host, server.admin_port)
        except OSError:
            close([*public, *operators])
            raise
        if operators and server.admin_port is None:
            close([*public, *operators])
            raise OSError(f"a socket named {ADMIN} was passed, but server.admin_port is null")
        return cls(public, operators)

    def duplicate(self) -> Self:
        """Return the same sockets with new descriptors, which are closed independently of these."""
        public, operators = ([listening.dup() for listening in group] for group in (self.public, self.operators))
        return type(self)(public, operators)

    @classmethod
    def of_descriptors(cls, public: str, operators: str) -> Self:
        """Return the sockets for inherited descriptors. The texts are those of `descriptors` in the parent process."""
        return cls(
            *([socket.socket(fileno=int(part)) for part in text.split(",") if part] for text in (public, operators))
        )

    @property
    def descriptors(self) -> tuple[str, str]:
        """The file descriptors of the public sockets and those of the operators' sockets, each separated by commas."""
        public, operators = (
            ",".join(str(listening.fileno()) for listening in group) for group in (self.public, self.operators)
        )
        return public, operators

    @property
    def every(self) -> list[socket.socket]:
        """All sockets, the public ones first."""
        return [*self.public, *self.operators]

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the service: `url`, and `admin_url` if operators have their own port."""
        urls = {"url": url(self.public[0])}
        return {**urls, "admin_url": url(self.operators[0])} if self.operators else urls

    def close(self) -> None:
        """Close all sockets."""
        close(self.every)


def inherited(environment: MutableMapping[str, str]) -> list[tuple[str, socket.socket]]:
    """Return the names and sockets that systemd has passed to this process (`LISTEN_FDS`), and remove the variables.

    Raises `OSError` if a descriptor is not a TCP socket.
    """
    passed = {name: environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")}
    if passed["LISTEN_PID"] != str(os.getpid()) or not passed["LISTEN_FDS"].isdecimal():
        return []
    descriptors = range(FIRST_PASSED, FIRST_PASSED + int(passed["LISTEN_FDS"]))
    names = passed["LISTEN_FDNAMES"].split(":")
    sockets: list[tuple[str, socket.socket]] = []
    for number, name in zip_longest(descriptors, names[: len(descriptors)], fillvalue=""):
        listening = socket.socket(fileno=int(number))
        sockets.append((str(name), listening))
        if listening.type != socket.SOCK_STREAM or listening.family not in (socket.AF_INET, socket.AF_INET6):
            close([socket for _, socket in sockets])
            raise OSError(f"descriptor {number}, passed by systemd, is not a TCP socket")
        listening.set_inheritable(False)
    return sockets


def bind(host: str, port: int) -> list[socket.socket]:
    """Return a bound socket for each address of `host` that belongs to this machine.

    The sockets do not listen yet, so no client can connect before a process is ready to answer. Raises `OSError` if an
    address is in use, or if no address of `host` belongs to this machine.
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
    """Close all of `sockets`."""
    for listening in sockets:
        listening.close()


def url(bound: socket.socket) -> str:
    """Return the address of a socket as a URL."""
    host, port, *_ = bound.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _addresses(host: str, port: int) -> Sequence[tuple[int, int, int, str, tuple[str | int, ...]]]:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(addresses))  # type: ignore[arg-type]  # only IPv4 and IPv6 addresses are found


def _bound(unbound: socket.socket, address: tuple[str | int, ...]) -> socket.socket:
    try:
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart does not wait for old connections
        if unbound.family == socket.AF_INET6:
            unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has its own socket
        unbound.bind(address)
    except OSError:
        unbound.close()
        raise
    return unbound
