"""Replacing a value that does not decode by what of it does: only when an operator removes it explicitly."""

from typing import TypeVar

import structlog

from notification.storage.store import Store
from siblings import DecodeError, Mergeable

T = TypeVar("T")

log = structlog.get_logger()


async def salvage(store: Store, type_: Mergeable[T], bucket: str, key: str) -> None:
    """Merge the siblings that decode, and put the result in place of all that were read; the others are lost.

    The put's context covers exactly what was read, so a sibling that is written meanwhile stays. Where every sibling
    decodes, nothing is written. Raises `StoreError`; then it may be repeated.
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
