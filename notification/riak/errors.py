"""What can go wrong between us and Riak, and whom it is about.

RiakError
├── RiakUnavailable          no node gave a usable answer in time; `sent`: whether a write's outcome is unknown
├── BucketMisconfigured      a bucket would lose concurrent writes as it is set up
├── NodeUnavailable          one try at one node failed: refused, timed out, starting
│   ├── NotConnected         there was no connection, so nothing was sent
│   ├── Disconnected         the connection ended before its reply was whole
│   └── GarbledReply         what came is not Riak's protocol
└── RiakErrorResponse        Riak answered with an error of its own
    └── SecurityError        its security refuses us, or waits for us to start it
"""

import re
from collections.abc import Mapping
from enum import Enum


class RetryScope(Enum):
    """Whom a failed try is about, and so what is worth doing next."""

    NODE = "this node can't serve now: ask another one, and leave this one alone for a while"
    CLUSTER = "the cluster as this node sees it now: ask another one, this one is well"
    UNKNOWN = "an error nobody has listed: ask another one; once every node says so it is final"
    REQUEST = "the request: every node would answer the same"


class RiakError(Exception):
    """The root: whatever the client raises on purpose."""

    blame: RetryScope = RetryScope.REQUEST


class RiakUnavailable(RiakError):
    """No node gave a usable answer in time. `reasons`: `host:port` to why, the nodes that were asked or are out.

    `sent`: whether the request may have reached a node.
    """

    def __init__(self, reasons: Mapping[str, str], *, sent: bool = False) -> None:
        super().__init__("; ".join(f"{node}: {why}" for node, why in reasons.items()) or "no node had time to answer")
        self.reasons = dict(reasons)
        self.sent = sent


class BucketMisconfigured(RiakError):
    """A bucket's properties would lose concurrent writes. The text names them, and the command that mends it."""


class NodeUnavailable(RiakError):
    """One try at one node failed in a way that another node may mend."""

    blame = RetryScope.NODE


class NotConnected(NodeUnavailable):
    """There was no connection to send the request over."""


class Disconnected(NodeUnavailable):
    """The connection ended before its reply was whole."""


class GarbledReply(NodeUnavailable):
    """What came is not a reply to what was asked."""


class RiakErrorResponse(RiakError):
    """An RpbErrorResp. `text`: its errmsg, `code`: its errcode (Riak KV sends 0 nearly always)."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.blame = _blame(text)


class SecurityError(RiakErrorResponse):
    """Riak's security is on where we have no user, off where we have one, or refuses ours."""

    def __str__(self) -> str:
        hint = next(hint for start, hint in _SECURITY.items() if self.text.startswith(start))
        return f"{hint} (Riak: {self.text})"


def error_response(text: str, code: int) -> RiakErrorResponse:
    """The exception for an RpbErrorResp."""
    kind = SecurityError if text.startswith(tuple(_SECURITY)) else RiakErrorResponse
    return kind(text, code)


_SECURITY = {
    "Security is enabled": "Riak's security is on, and no user and password are configured",
    "Security not enabled": "a user is configured, and Riak's security is off",
    "Authentication failed": "Riak does not accept the configured user and password",
}

_SENTENCES = {
    # Riak registers the messages of a service when that service starts: a node on its way up or down knows none.
    "Unknown message code": RetryScope.NODE,
    "Key cannot be": RetryScope.REQUEST,
    "Bucket cannot be": RetryScope.REQUEST,
    "Type cannot be": RetryScope.REQUEST,
    "Invalid bucket": RetryScope.REQUEST,
    "No bucket-type named": RetryScope.REQUEST,
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

# An Erlang term as Riak prints it, bare or in its report of a crash. Only the term's head counts: what follows may
# hold a key, and a key named `timeout` must not pause a node.
_HEAD = re.compile(r"(?:Error processing incoming message: \w+:)?[\s{]*(?:error,[\s{]*)?([a-z_]+)")


def _blame(text: str) -> RetryScope:
    for sentence, blame in _SENTENCES.items():
        if text.startswith(sentence):
            return blame
    head = _HEAD.match(text)
    return _term_blame(head[1]) if head else RetryScope.UNKNOWN


def _term_blame(term: str) -> RetryScope:
    if term.endswith("_val_unsatisfied"):
        return RetryScope.CLUSTER
    if term.endswith("_val_violation"):
        return RetryScope.REQUEST
    return _TERMS.get(term, RetryScope.UNKNOWN)
