"""Reads the tables in the docstrings of the modules that they describe."""

from types import ModuleType


def rows_of(module: ModuleType) -> list[tuple[str, ...]]:
    """Return the cells of each row below the header."""
    lines = [line for line in (module.__doc__ or "").splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return rows[2:]
