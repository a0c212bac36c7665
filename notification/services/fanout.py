"""One notification for many users: created for each on its own, so that one that fails fails alone."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from notification.domain.drafts import Draft, check_username
from notification.domain.errors import Defect, NotStored, Refused, StoreError, StoreUnavailable
from notification.services.creation import Created
from notification.services.inbox import Inbox

CONCURRENCY: Final = 64
"""Creates under way together: enough to share fsyncs and to keep every node busy, and others need room, too."""

log = structlog.get_logger()


Outcome = Created | Refused | StoreError | Defect
"""What became of one user's."""


async def fan_out(inbox: Inbox, usernames: Sequence[object], draft: Draft, key: str | None) -> list[Outcome]:
    """Create the notification for each user, in the order given; a name that is there twice gets one.

    With an idempotency `key` it may be repeated as a whole: only what is missing is created.
    """
    turns = asyncio.Semaphore(CONCURRENCY)
    unanswered = 0  # in a row: where all that were under way had no answer, the others would only wait in vain, too

    async def create(username: object) -> Outcome:
        nonlocal unanswered
        try:
            name = check_username(username)
            async with turns:
                if unanswered >= CONCURRENCY:
                    raise NotStored("it gave no answer for the users before")
                created = await inbox.create(name, draft, key)
        except (Refused, StoreError) as error:
            unanswered += isinstance(error, StoreUnavailable)
            return error
        unanswered = 0
        return created

    distinct = list(dict.fromkeys(map(repr, usernames)))
    by_name = dict(zip(map(repr, usernames), usernames, strict=True))
    ended = await asyncio.gather(*(create(by_name[name]) for name in distinct), return_exceptions=True)
    _log_defects(ended)
    outcomes = dict(zip(distinct, map(_outcome, ended), strict=True))
    return [outcomes[repr(username)] for username in usernames]


def _outcome(ended: Outcome | BaseException) -> Outcome:
    return ended if isinstance(ended, Outcome) else Defect(str(ended))


def _log_defects(ended: Sequence[Outcome | BaseException]) -> None:
    """One trace for each kind of exception, however many users met it."""
    defects = [one for one in ended if not isinstance(one, Outcome)]
    counts = Counter(map(type, defects))
    for kind, defect in {type(defect): defect for defect in defects}.items():
        log.error("defect", users=counts[kind], exc_info=defect)
