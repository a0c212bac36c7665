"""Replaces a corrupt value with whatever part of it can still be decoded.

The rest of the value is lost, so the service does this only if a request explicitly asks for a removal.
"""

from typing import TypeVar

import structlog

from notification.storage.store import Store
from siblings import DecodeError, Mergeable

T = TypeVar("T")

log = structlog.get_logger()


async def salvage(store: Store, type_: Mergeable[T], bucket: str, key: str) -> None:
    """Merge the siblings that can be decoded, and replace all siblings with the result. The corrupt siblings are lost.

    The put replaces only the siblings that were read, so a sibling that is written in the meantime is kept. If every
    sibling can be decoded, nothing is written. Raises `StoreError`; it is safe to call the function again.
    """
    fetched = await store.fetch(bucket, key)
    values = fetched.values if fetched else ()
    readable, reasons = [], []
    for value in values:
        try:
            readable.append(type_.decode(value))
        except DecodeError as error:
            reasons.append(str(error))
    if fetched and reasons:
        log.warning("corrupt value replaced", bucket=bucket, key=key, kept=len(readable), lost=reasons)
        await store.put(bucket, key, type_.encode(type_.join(readable)), fetched.context)
