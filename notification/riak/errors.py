"""The exceptions of the client, and which of them justify a retry on another node.

RiakError
├── RiakUnavailable          no node gave a usable reply in time; `sent`: whether the outcome of a write is unknown
├── BucketMisconfigured      the properties of a bucket would lose concurrent writes
├── NodeUnavailable          one attempt at one node failed: refused, timed out, starting
│   ├── NotConnected         no connection could be opened, so nothing was sent
│   ├── Disconnected         the connection closed before the reply was complete
│   └── GarbledReply         the reply violates the protocol
└── RiakErrorResponse        Riak replied with an error
    ├── NoBucketType         the bucket type does not exist
    └── SecurityError        Riak's security settings and the configured credentials do not match
"""

import re
from collections.abc import Mapping
from enum import Enum


class RetryScope(Enum):
    """What a failed attempt shows about the node and the cluster, and so where a retry makes sense."""

    NODE = "this node can't serve now; take it out of use and retry on another node"
    CLUSTER = "this node finds that the cluster can't serve now; keep it in use and retry on another node"
    UNKNOWN = "the error is not listed here; retry on another node until every node has returned it"
    REQUEST = "the request is wrong, so every node would reply the same; do not retry"


class RiakError(Exception):
    """The root of the client's exceptions."""

    retry_scope: RetryScope = RetryScope.REQUEST


class RiakUnavailable(RiakError):
    """No node gave a usable reply in time.

    `reasons`: `host:port` → the last failure, for each node that was tried or is out of use. `sent`: whether the
    request may have reached a node; if so, the outcome of a write is unknown.
    """

    def __init__(self, reasons: Mapping[str, str], *, sent: bool = False) -> None:
        super().__init__(
            "; ".join(f"{node}: {why}" for node, why in reasons.items())
            or "the deadline passed before any node replied"
        )
        self.reasons = dict(reasons)
        self.sent = sent


class BucketMisconfigured(RiakError):
    """The properties of a bucket would lose concurrent writes. The text has the command that corrects them."""


class NodeUnavailable(RiakError):
    """One attempt at one node failed; another node may succeed."""

    retry_scope = RetryScope.NODE


class NotConnected(NodeUnavailable):
    """No connection could be opened, so nothing was sent."""


class Disconnected(NodeUnavailable):
    """The connection closed before the reply was complete."""


class GarbledReply(NodeUnavailable):
    """The reply violates the protocol, or answers another request."""


class RiakErrorResponse(RiakError):
    """Riak replied with `RpbErrorResp`. `text`: its errmsg; `code`: its errcode, which is nearly always 0."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.retry_scope = _scope_of(text)


class SecurityError(RiakErrorResponse):
    """The configured credentials do not match Riak's security settings: they are missing, not needed, or wrong."""

    def __str__(self) -> str:
        hint = next(hint for start, hint in _SECURITY.items() if self.text.startswith(start))
        return f"{hint} (Riak: {self.text})"


class NoBucketType(RiakErrorResponse):
    """The bucket type that a request for a Riak data type names does not exist."""


def error_response(text: str, code: int) -> RiakErrorResponse:
    """Return the exception for an `RpbErrorResp`."""
    if text.startswith(tuple(_SECURITY)):
        return SecurityError(text, code)
    return NoBucketType(text, code) if text.startswith(_NO_TYPE) else RiakErrorResponse(text, code)


_SECURITY = {
    "Security is enabled": "Riak's security is on, but no user and password are configured",
    "Security not enabled": "a user is configured, but Riak's security is off",
    "Authentication failed": "Riak rejects the configured user and password",
}

_NO_TYPE = "Error no bucket type"

_SENTENCES = {
    # A node that is starting or stopping has not registered the messages of its services.
    "Unknown message code": RetryScope.NODE,
    "Key cannot be": RetryScope.REQUEST,
    "Bucket cannot be": RetryScope.REQUEST,
    "Type cannot be": RetryScope.REQUEST,
    "Invalid bucket": RetryScope.REQUEST,
    "No bucket-type named": RetryScope.REQUEST,
    _NO_TYPE: RetryScope.REQUEST,
    "Permission denied": RetryScope.REQUEST,
    "Operation '": RetryScope.REQUEST,
    **dict.fromkeys(_SECURITY, RetryScope.REQUEST),
}

_TERMS = {
    **dict.fromkeys(
        ("timeout", "overload", "mailbox_overload", "all_nodes_down", "nodedown", "noproc", "shutdown"), RetryScope.NODE
    ),
    **dict.fromkeys(("insufficient_vnodes", "too_many_fails", "coord_handoff_failed"), RetryScope.CLUSTER),
    **dict.fromkeys(("no_type", "match_found", "modified"), RetryScope.REQUEST),
}

# An Erlang term as Riak prints it, bare or in a crash report. Only the head of the term counts, because the rest can
# contain a key, and a key named `timeout` must not take a node out of use.
_HEAD = re.compile(r"(?:Error processing incoming message: \w+:)?[\s{]*(?:error,[\s{]*)?([a-z_]+)")


def _scope_of(text: str) -> RetryScope:
    for sentence, scope in _SENTENCES.items():
        if text.startswith(sentence):
            return scope
    head = _HEAD.match(text)
    return _scope_of_term(head[1]) if head else RetryScope.UNKNOWN


def _scope_of_term(term: str) -> RetryScope:
    if term.endswith("_val_unsatisfied"):
        return RetryScope.CLUSTER
    if term.endswith("_val_violation"):
        return RetryScope.REQUEST
    return _TERMS.get(term, RetryScope.UNKNOWN)
