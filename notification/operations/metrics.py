"""All metrics, in their own registry. docs/reference/metrics.md describes each one."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from notification.http.observer import RequestObserver

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
STORE_SECONDS: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
REQUEST_SECONDS: Final = (*STORE_SECONDS, 10.0)
SIBLINGS: Final = (0, 1, 2, 3, 5, 10, 20, 50, 100)
CHANGES: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
"""Other methods are counted together, because clients can invent any number of them."""

AT_ONCE: Final = 64
"""Requests that are counted together. Counting them one by one takes twice as long, because the code and data of the
metrics have left the processor's cache by the next request."""

M = TypeVar("M", Counter, Gauge, Histogram)


class _Children(dict[Any, M], Generic[M]):
    """A cache of a metric's children by label values. It avoids `labels()`, which takes far longer than counting."""

    def __init__(self, metric: M) -> None:
        super().__init__()
        self._metric: Any = metric

    def __missing__(self, labels: Any) -> M:
        child: M = self._metric.labels(*(labels if isinstance(labels, tuple) else (labels,)))
        self[labels] = child
        return child

    def show(self, labels: Any) -> None:
        """Create the child for `labels` with the value 0."""
        self.setdefault(labels, self[labels])


class Metrics(RequestObserver):
    """The observer that records the metrics.

    `buckets`: the buckets whose metrics start at zero, so that the first corrupt value is an increase. `shared`: a
    folder in which all workers keep their values; each worker then reports the sums (`runtime/worker.py` prepares
    prometheus_client for it). `on_corrupt` is called with the bucket of each corrupt value.
    """

    def __init__(
        self,
        buckets: Iterable[str] = (),
        shared: Path | None = None,
        on_corrupt: Callable[[str], None] = lambda bucket: None,
    ) -> None:
        # The creation time of each counter would double the page, and nothing reads it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._shared = shared
        self._on_corrupt = on_corrupt
        self._uncounted: list[tuple[str, str, int, float]] = []
        self._at_once = AT_ONCE if shared is None else 1  # the other workers read what this one has counted
        self._define_calls()
        self._define_buckets()
        self._define_feeds()
        self._define_processes()
        for bucket in buckets:
            self._show(bucket)

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        self._count_requests()
        return generate_latest(self._source())

    def families(self) -> Sequence[Metric]:
        """Return all metrics as data."""
        self._count_requests()
        return list(self._source().collect())

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a reply and its duration, at the latest when the metrics are read."""
        self._uncounted.append((method, route, status, seconds))
        if len(self._uncounted) >= self._at_once:
            self._count_requests()

    def store_call(self, node: str, operation: str, outcome: str, seconds: float) -> None:
        """Count a call and its duration."""
        self._calls[node, operation, outcome].inc()
        self._call_seconds[node, operation].observe(seconds)

    def node_in_use(self, node: str, in_use: bool) -> None:
        """Set whether a node receives requests."""
        self._in_use[node].set(in_use)

    def cache(self, bucket: str, hit: bool) -> None:
        """Count a read by its result."""
        self._cache[bucket, "hit" if hit else "miss"].inc()

    def siblings_read(self, bucket: str, siblings: int) -> None:
        """Count the siblings of a read, and a merge if there are several."""
        self._siblings[bucket].observe(siblings)
        if siblings > 1:
            self._merges[bucket].inc()

    def put_combined(self, bucket: str, changes: int) -> None:
        """Count the changes in a put."""
        self._changes[bucket].observe(changes)

    def corrupt(self, bucket: str) -> None:
        """Count a corrupt value."""
        self._corrupt[bucket].inc()
        self._on_corrupt(bucket)

    def created(self, notifications: int) -> None:
        """Count created notifications."""
        self._created.inc(notifications)

    def removed(self, notifications: int) -> None:
        """Count removed notifications."""
        self._removed.inc(notifications)

    def trimmed(self, notifications: int) -> None:
        """Count notifications that left the window of their feed."""
        self._trimmed.inc(notifications)

    def subscribers(self, listening: int) -> None:
        """Set the number of current listeners."""
        self._subscribers.set(listening)

    def _count_requests(self) -> None:
        requests, self._uncounted = self._uncounted, []
        for method, route, status, seconds in requests:
            known = method if method in METHODS else "other"
            self._requests[known, route, status].inc()
            self._request_seconds[known, route].observe(seconds)

    def _show(self, bucket: str) -> None:
        for result in ("hit", "miss"):
            self._cache.show((bucket, result))
        for counters in (self._merges, self._corrupt):
            counters.show(bucket)
        for histograms in (self._siblings, self._changes):
            histograms.show(bucket)

    def _define_calls(self) -> None:
        self._requests = _Children(self._counter("requests", "Requests answered", "method", "route", "status"))
        self._request_seconds = _Children(
            self._histogram("request_seconds", "Time until a reply began", REQUEST_SECONDS, "method", "route")
        )
        self._calls = _Children(
            self._counter("store_calls", "Calls of a store's nodes, by outcome", "node", "operation", "outcome")
        )
        self._call_seconds = _Children(
            self._histogram("store_call_seconds", "Time a node took", STORE_SECONDS, "node", "operation")
        )
        self._in_use = _Children(
            self._gauge("node_in_use", "Whether a Riak node receives requests: 1 or 0", "livemin", "node")
        )

    def _define_buckets(self) -> None:
        self._cache = _Children(
            self._counter("cache_reads", "Reads, by whether the cached value was current", "bucket", "result")
        )
        self._siblings = _Children(
            self._histogram("siblings_per_read", "Siblings that a read returned", SIBLINGS, "bucket")
        )
        self._merges = _Children(self._counter("merges", "Reads whose siblings were merged", "bucket"))
        self._changes = _Children(self._histogram("changes_per_put", "Changes in one put", CHANGES, "bucket"))
        self._corrupt = _Children(self._counter("corrupt_values", "Stored values that did not decode", "bucket"))

    def _define_feeds(self) -> None:
        self._created = self._counter("created", "Notifications created")
        self._removed = self._counter("removed", "Notifications removed")
        self._trimmed = self._counter("trimmed", "Notifications that left the window of their feed")
        self._subscribers = self._gauge("stream_subscribers", "Current listeners of streams", "livesum")
        self._subscribers.set(0)

    def _define_processes(self) -> None:
        self._gauge("start_time_seconds", "When the oldest worker started, since 1970", "livemin").set(time.time())
        self._gauge("workers", "Processes that serve", "livesum").set(1)
        self._counter("worker_starts", "Times that a worker was started").inc()

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"notification_{name}", documentation, labels, registry=self._registry)

    def _gauge(self, name: str, documentation: str, over_processes: Any, *labels: str) -> Gauge:
        return Gauge(
            f"notification_{name}",
            documentation,
            labels,
            registry=self._registry,
            multiprocess_mode=over_processes,
        )

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"notification_{name}", documentation, labels, registry=self._registry, buckets=buckets)

    def _source(self) -> CollectorRegistry:
        if self._shared is None:
            return self._registry
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, path=str(self._shared))  # type: ignore[no-untyped-call]
        return everyone
