"""What `/admin/metrics` might answer, made up so that every rate is known."""

from typing import Any

from playwright.async_api import Route


class Numbers:
    """Answers of `/admin/metrics`, made up: two seconds of the service's clock apart, and more of everything."""

    def __init__(self) -> None:
        self.answers = 0
        self.base = 0
        self.status = "200"

    async def answer(self, route: Route) -> None:
        self.answers += 1
        await route.fulfill(json=self.snapshot(self.answers))

    def snapshot(self, number: int) -> dict[str, Any]:
        many = max(0, number - self.base)
        families = {
            "requests_total": [{"labels": {"route": "/v1/rules", "status": self.status}, "value": 20 * many}],
            "siblings_per_read": [histogram(many, {"0": 0, "1": 1, "2": 3, "10": 4}, 4, 12)],
            "changes_per_put": [histogram(many, {"0": 0, "1": 9, "5": 10}, 10, 14)],
            "created_total": [{"labels": {}, "value": 6 * many}],
            "corrupt_values_total": [{"labels": {"bucket": "notifications"}, "value": 0}],
        }
        metrics = {f"notification_{name}": {"samples": samples} for name, samples in families.items()}
        return {"time": 1_795_336_684 + 2 * number, "metrics": metrics}


def histogram(times: int, buckets: dict[str, int], count: int, total: int) -> dict[str, Any]:
    steps = [{"le": float(bound), "count": times * reached} for bound, reached in buckets.items()]
    return {"labels": {"bucket": "notifications"}, "count": times * count, "sum": times * total, "buckets": steps}
