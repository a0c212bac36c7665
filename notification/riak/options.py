"""What a client can be told: where its nodes are, how many connections and how much patience it has, who it is."""

import ssl
from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """Where a node's Protocol Buffers interface listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`host`, `host:port` or `[v6 address]:port`; Riak's own port 8087 where none is given. Else `ValueError`."""
        host, colon, port = text.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = text, "8087"
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is not host:port")
        host.encode("idna")  # else a name that can't be one is found out by each request, long after the start
        return cls(host, int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Limits of a client; times in seconds.

    `pool_size`: connections per node at most. `max_idle`: an unused one is closed after that.
    `connect_timeout`: to open one, TLS included. `auth_timeout`: for the answer to user and password; Riak waits 5
    seconds before it says that they are wrong, and who gives up sooner never learns it.
    `request_timeout`: for one try at one node, once it has a connection. `deadline`: for a request as a whole, over
    all its tries and waiting; it should leave room for two tries and more.
    `first_pause`, `longest_pause`: between two probes of a node that is out; the longest one is also about how long a
    node that is well again stays unused. `max_frame`: bytes; the longest reply that is believed.
    """

    pool_size: int = 32
    max_idle: float = 60.0
    connect_timeout: float = 1.0
    auth_timeout: float = 7.0
    request_timeout: float = 2.0
    deadline: float = 5.0
    first_pause: float = 0.1
    longest_pause: float = 2.0
    max_frame: int = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class SecurityCreds:
    """User and password for a cluster whose security is on, and the authority that its certificates must be from.

    `cacert_file`: a PEM file; the system's authorities where it is None. `server_hostname`: the name that a node's
    certificate must bear, where it is not the host that we connect to.
    """

    username: str
    password: str
    cacert_file: str | None = None
    server_hostname: str | None = None

    def tls_context(self) -> ssl.SSLContext:
        """Verifies the certificate and its name, TLS 1.2 at least. Reads `cacert_file`: `OSError` where it can't."""
        return ssl.create_default_context(cafile=self.cacert_file)
