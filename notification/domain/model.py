"""What users and operators see: notifications, and the rules that roll them up."""

from collections.abc import Mapping
from dataclasses import dataclass

from notification.domain.duration import Duration


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification. `created_at`: milliseconds since 1970, by the clock of the process that took it.

    `idempotency`: hashes of the key that it was created under, and of the body, where there was a key.
    """

    id: str
    category: str
    message: str
    created_at: int
    properties: Mapping[str, str]
    idempotency: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How notifications of one category are rolled up; what is `None` does not limit.

    `max_size`: how many may be nested under a head. `max_duration`: how much older than the head they may be.
    `match_on`: the property whose value they must share.
    """

    max_size: int | None = None
    max_duration: Duration | None = None
    match_on: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, and so rolls nothing up."""
        return self.max_size is None and self.max_duration is None and self.match_on is None


Rules = Mapping[str, Rule]
"""Rule by category."""
