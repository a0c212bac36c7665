"""Operations for operators: `/admin` and `/metrics`."""

from typing import Annotated, Final, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic rejects typing.TypedDict before Python 3.12

from notification.http.openapi.operation import Body, Operation, Reply
from notification.http.openapi.shapes import Text


class Part(TypedDict):
    """The health of the store or of a part of it. `message` is present if it is unhealthy."""

    healthy: bool
    message: NotRequired[str]


class Step(TypedDict):
    """A bucket of a histogram. `count` is the number of values that were at most `le`."""

    le: float
    count: float


class Sample(TypedDict):
    """A sample of a metric. Counters and gauges have `value`; histograms have `count`, `sum` and `buckets`."""

    labels: dict[str, str]
    value: NotRequired[float]
    count: NotRequired[float]
    sum: NotRequired[float]
    buckets: NotRequired[list[Step]]


class Metric(TypedDict):
    """A metric and its samples, one per combination of labels."""

    type: Annotated[str, Field(pattern="^(counter|gauge|histogram)$")]
    help: str
    samples: list[Sample]


class Metrics(TypedDict):
    """All metrics by name at `time`, which is in seconds since 1970."""

    time: float
    metrics: dict[str, Metric]


_HEALTH: Final = {"store": {"healthy": True}, "riak1:8087": {"healthy": False, "message": "no reply within 2.0 s"}}
_METRICS: Final = {
    "time": 1795336684.25,
    "metrics": {
        "notification_created_total": {
            "type": "counter",
            "help": "Notifications created",
            "samples": [{"labels": {}, "value": 12}],
        }
    },
}
_FRESH: Final = ("Cache-Control",)
_PLAIN: Final = Body(type=Text, media="text/plain")


OPERATIONS: Final = (
    Operation(
        method="get",
        path="/metrics",
        id="metrics",
        summary="Retrieve metrics for Prometheus",
        description="If there are several workers, values are sums over all of them.",
        replies={200: Reply("Returns the metrics in Prometheus's text format.", (_PLAIN,), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin",
        id="admin",
        summary="Show health and metrics as a page",
        description="The page updates live. It leaves out requests for `/admin` and `/metrics`.",
        replies={
            200: Reply(
                "Returns the page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control")
            )
        },
    ),
    Operation(
        method="get",
        path="/admin/ping",
        id="adminPing",
        summary="Check that the process replies",
        description="Does not check the store.",
        replies={200: Reply("The process replies.", (Body(type=Text, media="text/plain", example="pong"),), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin/healthcheck",
        id="healthcheck",
        summary="Check the health of the store and its parts",
        description="Reads from and writes to the store, at most once a second. An unhealthy part does not change the "
        "status as long as the other parts do its work. Corrupt values that were read in the last 15 minutes are "
        "reported, too.",
        replies={
            200: Reply("The store is healthy.", (Body(type=dict[str, Part], example=_HEALTH),), _FRESH),
            500: Reply("The store is unhealthy.", (Body(type=dict[str, Part]),), _FRESH),
        },
    ),
    Operation(
        method="get",
        path="/admin/metrics",
        id="adminMetrics",
        summary="Retrieve metrics as JSON",
        description="If there are several workers, values are sums over all of them.",
        replies={200: Reply("Returns all metrics.", (Body(type=Metrics, example=_METRICS),), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin/threads",
        id="threads",
        summary="List tasks and threads",
        description="Returns the stack of every task and thread. If there are several workers, one of them replies "
        "with its own tasks and threads.",
        replies={200: Reply("Returns tasks and threads as text.", (_PLAIN,), _FRESH)},
    ),
)
