"""What is for operators: `/admin` and `/metrics`."""

from typing import Annotated, Final, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # the one of Python 3.11 lacks what pydantic needs

from notification.http.openapi.operation import Body, Operation, Reply
from notification.http.openapi.shapes import Text


class Part(TypedDict):
    """The store, or a part of it. `message`: what ails it."""

    healthy: bool
    message: NotRequired[str]


class Step(TypedDict):
    """How many values of a histogram were at most `le`."""

    le: float
    count: float


class Sample(TypedDict):
    """A number, of a counter or a gauge, or a histogram: `count` values of `sum` in all, by `buckets`."""

    labels: dict[str, str]
    value: NotRequired[float]
    count: NotRequired[float]
    sum: NotRequired[float]
    buckets: NotRequired[list[Step]]


class Metric(TypedDict):
    """A metric, and its samples by their labels."""

    type: Annotated[str, Field(pattern="^(counter|gauge|histogram)$")]
    help: str
    samples: list[Sample]


class Metrics(TypedDict):
    """All metrics by name at `time`, in seconds since 1970."""

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
        summary="All metrics, for Prometheus",
        description="With several workers, the sums over them.",
        replies={200: Reply("Prometheus's text format.", (_PLAIN,), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin",
        id="admin",
        summary="Health and metrics drawn live, and a menu of what follows",
        description="Requests for `/admin` and `/metrics` are not among what it draws.",
        replies={
            200: Reply("A page.", (Body(type=Text, media="text/html"),), ("Content-Security-Policy", "Cache-Control"))
        },
    ),
    Operation(
        method="get",
        path="/admin/ping",
        id="adminPing",
        summary="Tell that the process answers",
        description="It tells nothing of the store.",
        replies={200: Reply("It does.", (Body(type=Text, media="text/plain", example="pong"),), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin/healthcheck",
        id="healthcheck",
        summary="Look at the store and at each of its parts",
        description="It reads and writes, at most once a second. A part that is out is shown, and no more, as long as "
        "the others do its work; so are corrupt values that were met in the last 15 minutes.",
        replies={
            200: Reply("The store can do its work.", (Body(type=dict[str, Part], example=_HEALTH),), _FRESH),
            500: Reply("It can not.", (Body(type=dict[str, Part]),), _FRESH),
        },
    ),
    Operation(
        method="get",
        path="/admin/metrics",
        id="adminMetrics",
        summary="All metrics, as JSON",
        description="With several workers, the sums over them.",
        replies={200: Reply("All metrics.", (Body(type=Metrics, example=_METRICS),), _FRESH)},
    ),
    Operation(
        method="get",
        path="/admin/threads",
        id="threads",
        summary="What the process does",
        description="Its tasks and where they wait, its threads and where they are. Of several workers, one answers.",
        replies={200: Reply("Tasks and threads.", (_PLAIN,), _FRESH)},
    ),
)
