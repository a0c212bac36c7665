"""The life cycle of one node as a table, and the pauses between its probes. Pure; the caller supplies randomness.

The pause before the n-th probe is random. It is uniform between 0 and `first * 2**(n-1)` seconds, or between 0 and
`longest` seconds if that is less ("full jitter" in Marc Brooker's "Exponential Backoff And Jitter"). So if many
processes lose a node at the same time, they do not all return to it at the same time.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final


class State(Enum):
    """The present state of a node. Only a node in `USED` gets requests."""

    USED = "requests go to the node"
    OUT = "no requests; the next probe waits for its pause"
    PROBING = "no requests; a probe is in flight"
    ADMITTING = "no requests; the probe succeeded and the admission check runs"


class Event(Enum):
    """What changes the state of a node."""

    REQUEST_FAILED = "a request failed through the node's fault"
    PROBE_BEGAN = "the pause has ended"
    PROBE_SUCCEEDED = "the node serves keys"
    PROBE_FAILED = "the node does not serve keys, or the admission check refused it"
    ADMITTED = "the admission check passed"


TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.USED, Event.REQUEST_FAILED): State.OUT,
    (State.OUT, Event.PROBE_BEGAN): State.PROBING,
    (State.PROBING, Event.PROBE_SUCCEEDED): State.ADMITTING,
    (State.PROBING, Event.PROBE_FAILED): State.OUT,
    (State.ADMITTING, Event.ADMITTED): State.USED,
    (State.ADMITTING, Event.PROBE_FAILED): State.OUT,
}
"""Every transition. Any other event leaves the state as it is."""

_MAX_DOUBLINGS: Final = 30


class Health:
    """The health of one node. `first`, `longest`: seconds; `random` returns 0 <= x < 1."""

    def __init__(self, first: float, longest: float, random: Callable[[], float]) -> None:
        self._first = first
        self._longest = longest
        self._random = random
        self._failures = 0
        self.state = State.USED
        self.generation = 0
        """Number of times that the node has come back into use."""
        self.reason: str | None = None
        """The last failure; `None` while the node is in use."""

    @property
    def up(self) -> bool:
        """Whether requests may go to the node."""
        return self.state is State.USED

    def succeeded(self) -> None:
        """Record a successful request, and reset the pauses."""
        if self._failures and self.up:
            self._failures = 0

    def failed(self, generation: int, reason: str) -> bool:
        """Record the failure of a request that began in `generation`. Returns whether it takes the node out of use.

        Requests that fail together count as one failure. A failure from an earlier generation is ignored, because the
        node has come back into use since that request began.
        """
        if generation != self.generation or not self._apply(Event.REQUEST_FAILED):
            return False
        self._note_failure(reason)
        return True

    def probe_began(self) -> None:
        """Record the start of a probe."""
        self._apply(Event.PROBE_BEGAN)

    def probe_succeeded(self) -> None:
        """Record that the node answered the probe."""
        self._apply(Event.PROBE_SUCCEEDED)

    def probe_failed(self, reason: str) -> None:
        """Record that the node failed the probe or the admission check. This doubles the limit of the next pause."""
        if self._apply(Event.PROBE_FAILED):
            self._note_failure(reason)

    def admitted(self) -> None:
        """Put the node back into use. This does not reset the pauses; only a successful request does."""
        if self._apply(Event.ADMITTED):
            self.reason = None
            self.generation += 1

    def pause(self) -> float:
        """Return the seconds to wait before the next probe."""
        doublings = min(self._failures - 1, _MAX_DOUBLINGS)
        return self._random() * min(self._longest, self._first * 2.0**doublings)

    def _apply(self, event: Event) -> bool:
        """Apply the table. Return whether it has a transition for the event in the present state."""
        after = TRANSITIONS.get((self.state, event))
        if after is None:
            return False
        self.state = after
        return True

    def _note_failure(self, reason: str) -> None:
        self._failures += 1
        self.reason = reason
