"""Which layer a stack belongs to."""

import pytest

from benchmarks.layers import LOGGING, METRICS, OTHER, SQLITE, layer_of, shares

SITE = "/venv/lib/python3.11/site-packages"
AIOHTTP = (f"{SITE}/aiohttp/web_protocol.py", "start")
HANDLER = ("/app/notification/http/notifications.py", "list_")
ENDINGS = [HANDLER, AIOHTTP, ("/app/notification/cli/__init__.py", "main")]


@pytest.mark.parametrize(
    ("file", "function", "layer"),
    [
        (f"{SITE}/structlog/_native.py", "meth", LOGGING),
        ("/app/notification/runtime/logs.py", "info", LOGGING),
        ("/app/notification/http/frame.py", "handle", "http"),
        (f"{SITE}/prometheus_client/values.py", "inc", METRICS),
        ("/app/notification/operations/metrics.py", "request", METRICS),
        ("/app/notification/storage/embedded/rows.py", "fetch", SQLITE),
        ("/app/notification/storage/bucket.py", "read", "storage: buckets, caches"),
        ("/app/notification/riak/pool.py", "call", "Riak client"),
        ("/app/siblings/feed.py", "merge", "siblings"),
        ("/app/notification/domain/feed_view.py", "page", "domain"),
        ("/app/notification/services/inbox.py", "page", "services"),
        ("/app/notification/http/etag.py", "tag_of", "http"),
        ("/app/notification/runtime/connection.py", "data_received", "connections"),
        (f"{SITE}/yarl/_url.py", "raw_path", "aiohttp, event loop"),
        ("/usr/lib/python3.11/asyncio/tasks.py", "wait", "aiohttp, event loop"),
    ],
)
def test_the_innermost_frame_of_a_layer_counts(file: str, function: str, layer: str) -> None:
    assert layer_of([(file, function), *ENDINGS]) == layer


def test_a_library_without_a_layer_counts_for_its_caller() -> None:
    assert layer_of([(f"{SITE}/pydantic/main.py", "model_validate"), *ENDINGS]) == "http"


def test_a_stack_without_any_layer_is_other() -> None:
    assert layer_of([("/usr/lib/python3.11/threading.py", "_bootstrap")]) == OTHER
    assert layer_of([]) == OTHER


def test_shares_add_up_and_the_greatest_comes_first() -> None:
    assert list(shares({"a": 1.0, "b": 3.0}).items()) == [("b", 0.75), ("a", 0.25)]
    assert shares({}) == {}
