"""Notifications, and the rules that group them."""

from collections.abc import Mapping
from dataclasses import dataclass

from notification.domain.duration import Duration


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification.

    `created_at`: milliseconds since 1970, by the clock of the process that created it. `idempotency`: hashes of the
    idempotency key and of the body, if it was created with a key.
    """

    id: str
    category: str
    message: str
    created_at: int
    properties: Mapping[str, str]
    idempotency: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How notifications of one category are grouped. `None` means no limit.

    `max_size`: maximum number nested under a head. `max_duration`: maximum age relative to the head. `match_on`: name
    of the property whose value all members share.
    """

    max_size: int | None = None
    max_duration: Duration | None = None
    match_on: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no field is set, so that the rule groups nothing."""
        return self.max_size is None and self.max_duration is None and self.match_on is None


Rules = Mapping[str, Rule]
"""Rules by category."""
