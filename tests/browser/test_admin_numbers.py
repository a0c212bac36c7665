"""What the operators' page computes, exactly: its modules without anything drawn, run in the browser."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.browser.conftest import WatchedFeed

pytestmark = pytest.mark.asyncio(loop_scope="module")

Run = Callable[..., Awaitable[Any]]
SECONDS = {"count": 10, "sum": 1.5, "upTo": {"0.5": 10, "0.1": 4, "0.2": 8}}


@pytest.fixture
def run(watched: WatchedFeed) -> Run:
    """Runs an expression with `m`, a module of the page, and `given`."""

    async def run_(module: str, expression: str, given: Any = None) -> Any:
        await watched.page.goto(f"{watched.url}/admin")
        script = f"async (given) => {{ const m = await import('/web/admin/{module}.js'); return {expression}; }}"
        return await watched.page.evaluate(script, given)

    return run_


@pytest.mark.parametrize(
    ("q", "expected"),
    [(0.2, 0.05), (0.4, 0.1), (0.5, 0.125), (0.8, 0.2), (0.95, 0.425), (1, 0.5)],
)
async def test_a_quantile_is_linear_within_its_bucket(run: Run, q: float, expected: float) -> None:
    assert await run("histogram", "m.quantile(given.q, given.of)", {"q": q, "of": SECONDS}) == pytest.approx(expected)


async def test_a_quantile_above_all_buckets_is_the_greatest_bound(run: Run) -> None:
    assert await run("histogram", "m.quantile(0.99, given)", {"count": 4, "sum": 90, "upTo": {"1": 1, "10": 2}}) == 10


async def test_of_nothing_there_is_neither_a_quantile_nor_a_mean(run: Run) -> None:
    nothing = {"count": 0, "sum": 0, "upTo": {"1": 0}}
    assert await run("histogram", "[m.quantile(0.5, given), m.mean(given)]", nothing) == [None, None]


async def test_a_mean_is_the_sum_by_the_count(run: Run) -> None:
    assert await run("histogram", "m.mean(given)", SECONDS) == pytest.approx(0.15)


async def test_bars_are_what_fell_into_each_bucket_and_its_share(run: Run) -> None:
    found = await run("histogram", "m.bars(given)", {"count": 8, "sum": 30, "upTo": {"0": 2, "1": 4, "5": 7, "10": 7}})
    assert found == [
        {"label": "0", "count": 2, "share": 0.25},
        {"label": "1", "count": 2, "share": 0.25},
        {"label": "2\u20135", "count": 3, "share": 0.375},
        {"label": "6\u201310", "count": 0, "share": 0},
        {"label": "11 or more", "count": 1, "share": 0.125},
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1, "b": {"c": 2}}, {"a": 4, "b": {"c": 2}}, {"a": 3, "b": {"c": 0}}),
        ({}, {"new": {"one": 5}}, {"new": {"one": 5}}),
        ({"a": 5, "b": 1}, {"a": 9, "b": 0}, None),
        ({"a": {"gone": 1, "stays": 1}}, {"a": {"stays": 2}}, None),
        ({"sum": 0.30000000000000004}, {"sum": 0.3}, {"sum": 0}),
    ],
)
async def test_a_difference_is_what_was_added_or_nothing_where_counting_began_anew(
    run: Run, before: Any, after: Any, expected: Any
) -> None:
    assert await run("counts", "m.difference(given[1], given[0])", [before, after]) == expected


async def test_sums_have_what_either_side_has(run: Run) -> None:
    found = await run("counts", "m.sum(given[0], given[1])", [{"a": 1, "b": {"c": 2}}, {"b": {"c": 3, "d": 4}}])
    assert found == {"a": 1, "b": {"c": 5, "d": 4}}


def reading(time: float, count: float, started: float = 1) -> dict[str, Any]:
    return {"time": time, "started": started, "counts": {"requests": count}}


LAST = """(() => {
  const history = new m.History();
  for (const reading of given.readings) history.add(reading);
  const { steps, whole, recent } = history.last(given.seconds);
  return { steps: steps.map((step) => step.counts && step.counts.requests), whole, recent };
})()"""


async def last(run: Run, readings: list[dict[str, Any]], seconds: float = 600) -> Any:
    return await run("history", LAST, {"readings": readings, "seconds": seconds})


async def test_one_reading_measures_nothing(run: Run) -> None:
    assert await last(run, [reading(100, 7)]) == {"steps": [], "whole": None, "recent": None}


async def test_a_span_counts_its_steps_together_and_the_last_ten_seconds_by_themselves(run: Run) -> None:
    found = await last(run, [reading(100 + 4 * step, 10 * step) for step in range(6)])
    assert found["steps"] == [10] * 5
    assert found["whole"] == {"counts": {"requests": 50}, "seconds": 20}
    assert found["recent"] == {"counts": {"requests": 30}, "seconds": 12}


async def test_counters_that_were_reset_leave_a_gap_and_are_never_negative(run: Run) -> None:
    found = await last(run, [reading(0, 50), reading(2, 60), reading(4, 5), reading(6, 8)])
    assert found["steps"] == [10, None, 3]
    assert found["whole"] == {"counts": {"requests": 13}, "seconds": 4}


async def test_a_restart_leaves_a_gap_even_where_the_new_counters_are_higher(run: Run) -> None:
    found = await last(run, [reading(0, 5), reading(2, 9, started=2), reading(4, 10, started=2)])
    assert found["steps"] == [None, 1]


async def test_time_that_nobody_looked_at_and_clocks_that_were_set_back_leave_gaps(run: Run) -> None:
    assert (await last(run, [reading(0, 1), reading(11, 9)]))["steps"] == [None]
    assert (await last(run, [reading(50, 1), reading(52, 2), reading(10, 3), reading(12, 5)]))["steps"] == [None, 2]


async def test_ten_minutes_are_kept_and_shorter_spans_have_less(run: Run) -> None:
    readings = [reading(2 * step, step) for step in range(1000)]
    assert len((await last(run, readings))["steps"]) == 300
    assert len((await last(run, readings, 3600))["steps"]) == 300
    assert len((await last(run, readings, 60))["steps"]) == 30


@pytest.mark.parametrize(
    ("greatest", "expected"), [(0, 1), (0.003, 0.005), (0.2, 0.2), (1, 1), (1.1, 2), (42, 50), (501, 1000)]
)
async def test_axes_end_at_a_round_number(run: Run, greatest: float, expected: float) -> None:
    assert await run("scale", "m.top(given)", greatest) == pytest.approx(expected)


async def test_times_below_a_chart_are_even_and_as_many_as_fit(run: Run) -> None:
    assert await run("scale", "m.times(100, 160, 3)") == [120, 150]
    assert await run("scale", "m.times(100, 400, 6)") == [120, 180, 240, 300, 360]
    assert await run("scale", "m.times(0, 600, 1)") == [0, 300, 600]


async def test_a_line_has_gaps_where_nothing_is_known_and_a_dot_where_one_value_stands_alone(run: Run) -> None:
    points = [[0, 1], [2, 3], [4, None], [6, 7], [8, None]]
    assert await run("scale", "m.way(given)", points) == "M0.0 1.0L2.0 3.0M6.0 7.0h0"


def sample(value: float, **labels: str) -> dict[str, Any]:
    return {"labels": labels, "value": value}


async def test_a_reading_sums_up_and_leaves_out_what_operators_ask_for(run: Run) -> None:
    snapshot = {
        "time": 5,
        "metrics": {
            "notification_requests_total": {
                "samples": [
                    sample(3, method="GET", route="/v1/rules", status="200"),
                    sample(2, method="POST", route="/graphql", status="201"),
                    sample(1, method="GET", route="unmatched", status="404"),
                    sample(9, method="GET", route="/admin/metrics", status="200"),
                    sample(9, method="GET", route="/metrics", status="200"),
                ]
            },
            "notification_store_calls_total": {
                "samples": [
                    sample(5, node="riak1", operation="get", outcome="ok"),
                    sample(2, node="riak1", operation="put", outcome="unavailable"),
                    sample(1, node="riak1", operation="put", outcome="cancelled"),
                ]
            },
            "notification_node_in_use": {"samples": [sample(1, node="riak1"), sample(0, node="riak2")]},
        },
    }
    found = await run("reading", "m.read(given)", snapshot)
    assert found["counts"]["requests"] == {"all": 6, "2xx": 5, "4xx": 1}
    assert (found["counts"]["calls"], found["counts"]["failed"]) == ({"riak1": 8}, {"riak1": 3})
    assert found["outOfUse"] == ["riak2"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m.duration(0)", "0 s"),
        ("m.duration(0.00025)", "250 µs"),
        ("m.duration(0.0123)", "12.3 ms"),
        ("m.duration(2.5)", "2.5 s"),
        ("m.rate(0.456)", "0.46/s"),
        ("m.rate(1234.5)", "1,235/s"),
        ("m.share(0.0123)", "1.23 %"),
        ("m.share(0.9876)", "98.8 %"),
    ],
)
async def test_numbers_are_written_as_people_read_them(run: Run, expression: str, expected: str) -> None:
    assert await run("format", expression) == expected
