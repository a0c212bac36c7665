"""The settings of a client: addresses, limits and credentials."""

import ssl
from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """The address of a node's Protocol Buffers interface."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Parse `host`, `host:port` or `[IPv6 address]:port`. The default port is 8087, Riak's own.

        Raises `ValueError` if `text` has another form, or if the host name can't be encoded for DNS.
        """
        host, colon, port = text.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = text, "8087"
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is not host:port")
        host.encode("idna")  # without this check, an invalid name would fail only at the first request
        return cls(host, int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The limits of a client. All times are in seconds.

    - `pool_size`: maximum number of connections per node.
    - `max_idle`: time after which an unused connection is closed.
    - `connect_timeout`: time to open a connection, including TLS.
    - `auth_timeout`: time for the reply to user and password. Riak waits 5 seconds before it reports wrong ones, so a
      shorter timeout hides the reason.
    - `request_timeout`: time for one attempt at one node, once it has a connection.
    - `deadline`: time for a whole request, including failover and waiting. It should allow at least two attempts.
    - `first_pause`: maximum pause before the first probe of a node that is out of use. This maximum doubles
      with every failure.
    - `longest_pause`: maximum pause before any probe. At most about this long after its recovery, a node is used again.
    - `max_frame`: maximum length of a reply in bytes.
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
    """Credentials for a cluster whose security is on.

    `cacert_file`: a PEM file with the certificate authorities to trust; `None`: the system's authorities.
    `server_hostname`: the name that each node's certificate must carry; `None`: the host of the node's address.
    """

    username: str
    password: str
    cacert_file: str | None = None
    server_hostname: str | None = None

    def tls_context(self) -> ssl.SSLContext:
        """Return a context that verifies certificate and host name and requires TLS 1.2 or later.

        Reads `cacert_file`; raises `OSError` if that fails.
        """
        return ssl.create_default_context(cafile=self.cacert_file)
