"""Replaces a value that does not decode with the part of it that does. An operator has to request this explicitly."""

from typing import TypeVar

import structlog

from notification.storage.store import Store
from siblings import DecodeError, Mergeable

T = TypeVar("T")

log = structlog.get_logger()


async def salvage(store: Store, type_: Mergeable[T], bucket: str, key: str) -> None:
    """Merge the siblings that decode, and put the result in place of all siblings; the others are lost.

    The put covers exactly the siblings that were read, so a sibling that is written meanwhile stays. If every sibling
    decodes, nothing is written. Raises `StoreError`; the call can then be repeated.
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
