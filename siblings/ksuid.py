"""KSUIDs as text: 27 base62 digits whose order as text is their order as numbers, and so as times.

The format is that of segmentio/ksuid: 20 bytes, of which the first 4 are seconds since 1400000000 (unix) and 16 are
payload. Here the payload's first 2 bytes are the fraction of the second, so that ids of one second sort by time
too; to every other reader of KSUIDs they are random bytes like the rest.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 27
EPOCH: Final = 1_400_000_000
"""The second, since 1970, at which KSUIDs begin to count."""

NO_ID: Final = ""
"""Sorts below every id: the floor of a feed that lost nothing, the cursor of a user who saw nothing."""
MIN_ID: Final = "0" * LENGTH
MAX_ID: Final = "aWgEPTl1tmebfsQzFP4bxwgy80V"
"""The text of 2^160 - 1. Greater 27-digit texts exist; they are no ids."""

RANDOM_BYTES: Final = 14
"""How much randomness `next_id` takes."""

_IS_BASE62 = re.compile(r"[0-9A-Za-z]{27}").fullmatch
_DIGITS: Final = {digit: value for value, digit in enumerate(ALPHABET)}
_PAIRS: Final = [high + low for high in ALPHABET for low in ALPHABET]
"""Two digits at once: half the divisions of numbers that no machine word holds."""
_NUMBERS: Final = 1 << 160
_TICKS: Final = 1 << 16
_RANDOM_BITS: Final = 8 * RANDOM_BYTES
_NANOSECONDS: Final = 1_000_000_000


class NoIdLeft(ArithmeticError):
    """There is no greater id: the greatest one is taken, or the clock is past the last second that a KSUID can name."""


def is_id(text: str) -> bool:
    """Whether `text` is a KSUID: 27 base62 digits, not above the greatest."""
    return _IS_BASE62(text) is not None and text <= MAX_ID


def encode(number: int) -> str:
    """The id of a number of 160 bits. Raises `ValueError` outside of them."""
    if not 0 <= number < _NUMBERS:
        raise ValueError("an id has 160 bits")
    pairs = []
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    pairs.append(ALPHABET[number])
    return "".join(reversed(pairs))


def decode(text: str) -> int:
    """The number, of 160 bits, of an id. Raises `ValueError` where it is none."""
    if not is_id(text):
        raise ValueError("not a KSUID")
    number = 0
    for digit in text:
        number = number * 62 + _DIGITS[digit]
    return number


def latest_at(now: int) -> str:
    """The greatest id that a clock showing `now` (nanoseconds since 1970) could give by itself."""
    ticks = min(max(_ticks(now), 0), (1 << 48) - 1)
    return encode((ticks + 1 << _RANDOM_BITS) - 1)


def earlier(id_: str, by: int) -> str:
    """The least id made `by` nanoseconds before `id_` was, or later. Raises `ValueError` where `id_` is none."""
    ticks = (decode(id_) >> _RANDOM_BITS) - by * _TICKS // _NANOSECONDS
    return encode(max(ticks, 0) << _RANDOM_BITS)


def next_id(now: int, randomness: bytes, above: str = NO_ID) -> str:
    """A new id, greater than `above`: of the time `now` (nanoseconds since 1970), or `above`'s successor.

    `randomness` is 14 bytes. Where the clock is at or behind `above` (another writer's clock is ahead, it is the same
    instant), the id is `above` plus a random step of 1 to 2^64, so that two writers who follow the same id still
    differ. Raises `NoIdLeft`, and `ValueError` where `above` or the randomness is not what it should be.
    """
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"randomness of {RANDOM_BYTES} bytes is needed")
    ticks = _ticks(now)
    if ticks >= 1 << 48:
        raise NoIdLeft("the clock is past the last KSUID")
    if ticks >= 0:
        candidate = encode(ticks << _RANDOM_BITS | int.from_bytes(randomness, "big"))
        if candidate > above:
            return candidate
    return _successor(above, 1 + int.from_bytes(randomness[:8], "big"))


def _ticks(now: int) -> int:
    """Time since the KSUID epoch in 1/65536 s."""
    return (now - EPOCH * _NANOSECONDS) * _TICKS // _NANOSECONDS


def _successor(above: str, step: int) -> str:
    start = decode(above) if above else 0
    if start == _NUMBERS - 1:
        raise NoIdLeft("the greatest KSUID is taken")
    return encode(min(start + step, _NUMBERS - 1))
