"""Riak's security: a TLS certificate and one user."""

import ssl
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SUBJECT = "/CN=riak@127.0.0.1"
NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


@dataclass(frozen=True)
class Security:
    """The accepted user, and the files of a self-signed certificate."""

    user: bytes
    password: bytes
    certificate: Path
    key: Path

    @cached_property
    def context(self) -> ssl.SSLContext:
        """The server's side of the handshake."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def admits(self, user: bytes, password: bytes) -> bool:
        """Whether user and password are right."""
        return (user, password) == (self.user, self.password)


def make(directory: Path, user: str, password: str) -> Security:
    """Create a certificate for 127.0.0.1 in `directory`."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    out = ("-keyout", str(key), "-out", str(certificate))
    command = ("openssl", "req", "-x509", "-nodes", "-days", "2", *CURVE, "-subj", SUBJECT, "-addext", NAMES, *out)
    subprocess.run(command, check=True, capture_output=True)
    return Security(user.encode(), password.encode(), certificate, key)
