"""Two rules that look right and are not, each with the shortest history that shows it.

Both stood in the service this one follows, or in its first sketches; they are kept so that nobody tries them again.
"""

Slots = dict[int, str | None]


def merge_window_of_live(a: Slots, b: Slots, window: int = 1) -> Slots:
    """Tempting: only live slots count in the window, so that removals do not cost room."""
    union = {id_: None if None in (a.get(id_, ""), b.get(id_, "")) else a.get(id_) or b.get(id_) for id_ in a | b}
    live = sorted(id_ for id_, payload in union.items() if payload is not None)[-window:]
    return {id_: payload for id_, payload in union.items() if payload is None or id_ in live}


def test_counting_only_live_slots_makes_the_result_depend_on_the_order_of_merging() -> None:
    older: Slots = {1: "a"}
    newer: Slots = {2: "b"}
    removal: Slots = {2: None}
    left = merge_window_of_live(merge_window_of_live(older, newer), removal)
    right = merge_window_of_live(older, merge_window_of_live(newer, removal))
    assert (left, right) == ({2: None}, {1: "a", 2: None})


def merge_forgetting_removals(a: Slots, b: Slots) -> Slots:
    """Tempting: a removal is applied when siblings are merged, and then forgotten."""
    union = a | b
    return {id_: union[id_] for id_ in union if a.get(id_, "") is not None and b.get(id_, "") is not None}


def test_forgetting_removals_brings_removed_notifications_back() -> None:
    stale: Slots = {1: "a"}
    removed = merge_forgetting_removals(stale, {1: None})
    assert removed == {}
    assert merge_forgetting_removals(removed, stale) == {1: "a"}
