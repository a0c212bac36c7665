"""The ids of the Java service (smoketurner/notification), translated to KSUIDs.

Its library, com.amirkhawaja:ksuid 1.0.0, makes the 20 bytes of a KSUID but does not write them in base62. It cuts them
into groups of 6 bits, the most significant first, and writes each group as one character of `A-Z a-z 0-8`, or as `9A`,
`9B` or `9C` for the values 61 to 63. The text is cut to 27 characters, so every escape in it drops 6 bits from its end.

Both kinds of text have 27 base62 digits, but no id from the years 2014 to 2049 is valid as both. The Java service's ids
from these years begin with a letter, and as KSUIDs their dates would be 2052 or later. So a text whose KSUID date is
before 2050 is a KSUID, and any other text is an id of the Java service if its date in that alphabet is before 2050.
This rule needs no clock. It holds until the end of 2049.
"""

import re
from typing import Final

from siblings.ksuid import EPOCH, LENGTH, encode
from siblings.ksuid import decode as decode_ksuid

YEAR_2050: Final = 2_524_608_000
"""The Unix time, in seconds, from which on the two kinds of ids can't be told apart."""

_HORIZON: Final = YEAR_2050 - EPOCH << 128
_FIRST_ID_AFTER: Final = encode(_HORIZON)
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678"
_GROUPS: Final = {code: value for value, code in enumerate([*_DIGITS, "9A", "9B", "9C"])} | {"9": 61}
"""The value of each group. A lone `9` is an escape that was cut off. Of its three possible values, it is read as 61."""
_CODES: Final = {value: code for code, value in _GROUPS.items() if code != "9"}
_IS_TEXT: Final = re.compile(r"(?:[A-Za-z0-8]|9[ABC])+9?").fullmatch
_IN_GROUPS: Final = re.compile(r"9[ABC]?|.").findall
_GROUP_BITS: Final = 6
_PADDED_BITS: Final = LENGTH * _GROUP_BITS
_PADDING: Final = _PADDED_BITS - 160


def to_ksuid(text: str) -> str:
    """Return the KSUID of the same 20 bytes if `text` is an id of the Java service, else `text` itself.

    Bits that an escape cut off become 0. Different ids give different KSUIDs.
    """
    if text < _FIRST_ID_AFTER or len(text) != LENGTH or not _IS_TEXT(text):
        return text
    number = _decode(text)
    return encode(number >> _PADDING) if number % (1 << _PADDING) == 0 and number >> _PADDING < _HORIZON else text


def from_ksuid(id_: str) -> str:
    """Return the text of a KSUID as the Java service would write it. This is the inverse of `to_ksuid`.
    Raises `ValueError` if `id_` is not a KSUID.
    """
    number = decode_ksuid(id_) << _PADDING
    shifts = range(_PADDED_BITS - _GROUP_BITS, -1, -_GROUP_BITS)
    return "".join(_CODES[number >> shift & 63] for shift in shifts)[:LENGTH]


def _decode(text: str) -> int:
    """Return the groups as one number of 162 bits, of which the upper 160 are the id."""
    number = 0
    groups = _IN_GROUPS(text)
    for group in groups:
        number = number << _GROUP_BITS | _GROUPS[group]
    return number << _GROUP_BITS * (LENGTH - len(groups))
