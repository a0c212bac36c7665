"""Metrics as JSON, for pages that draw them. docs/reference/metrics.md documents the format, which is stable."""

from collections.abc import Iterable
from typing import Any

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample


def snapshot(families: Iterable[Metric], now: float) -> dict[str, Any]:
    """Return all metrics by name. `now`: the time of the snapshot in seconds since 1970."""
    return {"time": now, "metrics": {_name(family): _family(family) for family in families}}


def _name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def _family(family: Metric) -> dict[str, Any]:
    samples = _histograms(family) if family.type == "histogram" else map(_number, family.samples)
    return {"type": family.type, "help": family.documentation, "samples": list(samples)}


def _number(sample: Sample) -> dict[str, Any]:
    return {"labels": sample.labels, "value": sample.value}


def _histograms(family: Metric) -> Iterable[dict[str, Any]]:
    """Return one object for each set of labels, which combines the many samples of a histogram."""
    histograms: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        empty = {"labels": labels, "count": 0, "sum": 0.0, "buckets": []}
        histogram = histograms.setdefault(tuple(labels.items()), empty)
        part = sample.name.removeprefix(f"{family.name}_")
        if part != "bucket":
            histogram[part] = sample.value
        elif sample.labels["le"] != "+Inf":
            histogram["buckets"].append({"le": float(sample.labels["le"]), "count": sample.value})
    return histograms.values()
