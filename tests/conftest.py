"""Settings of all tests. No test depends on the speed of the machine, which may have other work."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run long tests first, so that the run does not wait for one of them at its end. Two processes start with one half
    of the tests each, so the long tests come first in both halves."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if item not in long]
    half = len(others) // 2
    items[:] = [*long[::2], *others[:half], *long[1::2], *others[half:]]
