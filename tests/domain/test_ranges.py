"""Ranges: which ids lie within."""

from hypothesis import given

from notification.domain.ranges import Range
from tests.domain.values import ranges
from tests.siblings.values import ids


@given(wanted=ranges, id_=ids)
def test_a_range_covers_what_lies_between_its_ends(wanted: Range, id_: str) -> None:
    below = wanted.start is None or id_ < wanted.start or (id_ == wanted.start and wanted.includes_start)
    above = wanted.stop is None or id_ > wanted.stop or (id_ == wanted.stop and wanted.includes_stop)
    assert wanted.covers(id_) == (below and above)
