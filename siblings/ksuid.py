"""KSUIDs as texts of 27 base62 digits. Ids that are sorted as text are also sorted as numbers, and therefore by time.

The format is that of segmentio/ksuid: 20 bytes, the first 4 of which are seconds since Unix time 1400000000, followed
by 16 bytes of payload. Here the payload's first 2 bytes are the fraction of the second, so that ids made within one
second sort by time as well. Other readers of KSUIDs take these 2 bytes for random ones.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 27
EPOCH: Final = 1_400_000_000
"""The Unix time, in seconds, at which KSUIDs begin to count."""

NO_ID: Final = ""
"""Sorts below every id. It is the floor of a feed that has dropped nothing, and the cursor of a user who has seen
nothing."""
MIN_ID: Final = "0" * LENGTH
MAX_ID: Final = "aWgEPTl1tmebfsQzFP4bxwgy80V"
"""The text of 2^160 - 1. Texts of 27 digits that sort above it are not ids."""

RANDOM_BYTES: Final = 14
"""Number of random bytes that `next_id` takes."""

_IS_BASE62 = re.compile(r"[0-9A-Za-z]{27}").fullmatch
_DIGITS: Final = {digit: value for value, digit in enumerate(ALPHABET)}
_PAIRS: Final = [high + low for high in ALPHABET for low in ALPHABET]
"""Every pair of digits. `encode` takes two digits per division, because dividing 160-bit numbers is slow."""
_NUMBERS: Final = 1 << 160
_TICKS: Final = 1 << 16
_RANDOM_BITS: Final = 8 * RANDOM_BYTES
_NANOSECONDS: Final = 1_000_000_000


class NoIdLeft(ArithmeticError):
    """No further id exists, because the maximum is taken or the clock is past the last second of KSUIDs."""


def is_id(text: str) -> bool:
    """Whether `text` is a KSUID: 27 base62 digits, at most `MAX_ID`."""
    return _IS_BASE62(text) is not None and text <= MAX_ID


def encode(number: int) -> str:
    """Return the id of a 160-bit number. Raises `ValueError` if it is out of range."""
    if not 0 <= number < _NUMBERS:
        raise ValueError("an id has 160 bits")
    pairs = []
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    pairs.append(ALPHABET[number])
    return "".join(reversed(pairs))


def decode(text: str) -> int:
    """Return the 160-bit number of an id. Raises `ValueError` if `text` is not an id."""
    if not is_id(text):
        raise ValueError("not a KSUID")
    number = 0
    for digit in text:
        number = number * 62 + _DIGITS[digit]
    return number


def latest_at(now: int) -> str:
    """Return the newest id that a clock showing `now` (nanoseconds since 1970) can produce."""
    ticks = min(max(_ticks(now), 0), (1 << 48) - 1)
    return encode((ticks + 1 << _RANDOM_BITS) - 1)


def earlier(id_: str, by: int) -> str:
    """Return the oldest possible id `by` nanoseconds before `id_`. Raises `ValueError` if `id_` is not an id."""
    ticks = (decode(id_) >> _RANDOM_BITS) - by * _TICKS // _NANOSECONDS
    return encode(max(ticks, 0) << _RANDOM_BITS)


def next_id(now: int, randomness: bytes, above: str = NO_ID) -> str:
    """Make an id that is newer than `above`, from the time `now` in nanoseconds since 1970 and 14 random bytes.

    If an id of the time `now` would not be newer than `above`, for example because another writer's clock is ahead, the
    id is `above` plus a random step of 1 to 2^64. Two writers with the same `above` therefore get different ids.

    Raises `NoIdLeft`, and `ValueError` if `above` is not an id or `randomness` has another length.
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
    """Return the time since the KSUID epoch, in units of 1/65536 s."""
    return (now - EPOCH * _NANOSECONDS) * _TICKS // _NANOSECONDS


def _successor(above: str, step: int) -> str:
    start = decode(above) if above else 0
    if start == _NUMBERS - 1:
        raise NoIdLeft("the maximum KSUID is taken")
    return encode(min(start + step, _NUMBERS - 1))
