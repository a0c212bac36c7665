"""Creates one notification for many users. The creates are independent, so a failure affects only one user."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from notification.domain.drafts import Draft, check_username, normalized
from notification.domain.errors import Defect, NotStored, Refused, StoreError, StoreUnavailable
from notification.services.creation import Created, Creation

CONCURRENCY: Final = 64
"""Maximum number of concurrent creates. It is enough to share fsyncs and use every node, and leaves room for others."""

log = structlog.get_logger()


Outcome = Created | Refused | StoreError | Defect
"""The result for one user, which is a notification or an error."""


async def fan_out(creation: Creation, usernames: Sequence[object], draft: Draft, key: str | None) -> list[Outcome]:
    """Create the notification for each user, and return an outcome for each of `usernames`, in the same order.

    If a name occurs more than once, the user gets one notification. With an idempotency `key`, it is safe to repeat the
    call, because only the missing notifications are created.
    """
    turns = asyncio.Semaphore(CONCURRENCY)
    unanswered = 0  # timeouts in a row; after `CONCURRENCY` of them, further creates would time out, too

    async def create(username: object) -> Outcome:
        nonlocal unanswered
        try:
            name = check_username(username)
            async with turns:
                if unanswered >= CONCURRENCY:
                    raise NotStored("the store did not answer the requests for earlier users")
                created = await creation.create(name, draft, key)
        except (Refused, StoreError) as error:
            unanswered += isinstance(error, StoreUnavailable)
            return error
        unanswered = 0
        return created

    keys = [repr(normalized(username)) for username in usernames]
    distinct = list(dict.fromkeys(keys))
    by_name = dict(zip(keys, usernames, strict=True))
    results = await asyncio.gather(*(create(by_name[name]) for name in distinct), return_exceptions=True)
    _log_defects(results)
    outcomes = dict(zip(distinct, map(_outcome, results), strict=True))
    return [outcomes[key] for key in keys]


def _outcome(result: Outcome | BaseException) -> Outcome:
    return result if isinstance(result, Outcome) else Defect(str(result))


def _log_defects(results: Sequence[Outcome | BaseException]) -> None:
    """Log one trace per exception type, with the number of users affected."""
    defects = [result for result in results if not isinstance(result, Outcome)]
    counts = Counter(map(type, defects))
    for kind, defect in {type(defect): defect for defect in defects}.items():
        log.error("defect", users=counts[kind], exc_info=defect)
