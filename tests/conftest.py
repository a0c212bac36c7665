"""What all tests share: nothing is judged by its speed, as these machines have other work too."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, in either half, as two processes begin with one half each: else the last one keeps
    all waiting."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if item not in long]
    half = len(others) // 2
    items[:] = [*long[::2], *others[:half], *long[1::2], *others[half:]]
