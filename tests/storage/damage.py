"""Overwrite pages of a real SQLite file, as a failing disk does."""

import sqlite3
from pathlib import Path
from struct import unpack_from

_LEAF_OF_A_TABLE = 0x0D


def damage_table(path: Path, at_dot: int) -> None:
    """Overwrite the page of the table `siblings` with the row numbered `at_dot`. Nothing may have the file open."""
    _overwrite(path, _leaf(path, _root(path, "siblings"), at_dot))


def damage_index(path: Path) -> None:
    """Overwrite the root page of the index."""
    _overwrite(path, _root(path, "siblings_by_key"))


def _root(path: Path, name: str) -> int:
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return int(page)


def _leaf(path: Path, page: int, dot: int) -> int:
    """The number of the page that holds a row, looked for from an inner page downwards (SQLite's file format, 1.6)."""
    size, data = _page_size(path), path.read_bytes()
    start = (page - 1) * size
    if data[start] == _LEAF_OF_A_TABLE:
        return page
    cells = unpack_from(f">{unpack_from('>H', data, start + 3)[0]}H", data, start + 12)
    for cell in cells:
        if dot <= _varint(data, start + cell + 4):
            return _leaf(path, unpack_from(">I", data, start + cell)[0], dot)
    return _leaf(path, unpack_from(">I", data, start + 8)[0], dot)


def _varint(data: bytes, at: int) -> int:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        if data[at] < 0x80:
            return value
        at += 1


def _overwrite(path: Path, page: int) -> None:
    size = _page_size(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def _page_size(path: Path) -> int:
    return int(unpack_from(">H", path.read_bytes(), 16)[0])
