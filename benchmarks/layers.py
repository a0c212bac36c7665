"""The layers of the service, and the layer to which a stack belongs."""

from collections.abc import Iterable
from typing import Final

LOGGING, METRICS, SQLITE, OTHER = "logging", "metrics", "embedded store, SQLite", "other"
FRAME: Final = "aiohttp, event loop"
PACKAGES: Final = ("aiohttp", "aiosignal", "asyncio", "frozenlist", "multidict", "propcache", "uvloop", "yarl")
LAYERS: Final = (
    (LOGGING, ("/structlog/", "/logging/__init__.py", "/notification/runtime/log")),
    (METRICS, ("/prometheus_client/", "/notification/operations/")),
    (SQLITE, ("/notification/storage/embedded/", "/sqlite3/")),
    ("storage: buckets, caches", ("/notification/storage/",)),
    ("Riak client", ("/notification/riak/",)),
    ("siblings", ("/siblings/",)),
    ("domain", ("/notification/domain/",)),
    ("services", ("/notification/services/",)),
    ("http", ("/notification/http/",)),
    ("connections", ("/notification/runtime/",)),
    (FRAME, tuple(f"/{package}/" for package in PACKAGES)),
)
"""Name and parts of file names. The first entry that matches wins."""


def layer_of(stack: Iterable[tuple[str, str]]) -> str:
    """Return the layer of a stack. `stack`: the file and the function of each frame, the innermost first.

    The innermost frame that belongs to a layer decides. Therefore, libraries without an entry in `LAYERS`, such as
    orjson and pydantic, count for the layer that called them.
    """
    for file, _ in stack:
        for name, parts in LAYERS:
            if any(part in file for part in parts):
                return name
    return OTHER


def shares(seconds: dict[str, float]) -> dict[str, float]:
    """Return each layer's share of the total, the largest first."""
    total = sum(seconds.values()) or 1.0
    return {name: spent / total for name, spent in sorted(seconds.items(), key=lambda item: -item[1])}
