"""The prose check of `make check`."""

import pytest

from tests.prose import ALLOWED, PLACES, ROOT, findings


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.md", "The store.\nIt is told\nof him.", [(2, "is told"), (3, "him")]),
        ("a.md", "The history is kept; the theme is plain.", []),
        ("a.py", '"""One.\n\nWhoever asks."""\nhe = "his"  # his\n', [(3, "Whoever"), (4, "his")]),
        ("a.py", 'x = 1\n"""Somebody."""\n', [(2, "Somebody")]),
        ("a.js", 'const he = "his"; // his\n/* One,\nhim. */', [(1, "his"), (3, "him")]),
        ("a.js", 'fetch("https://he.example/his")', []),
        ("a.yml", "# whoever\nhost: 1", [(1, "whoever")]),
    ],
)
def test_words_are_found_in_prose_with_their_line_and_not_in_code(
    path: str, text: str, found: list[tuple[int, str]]
) -> None:
    assert [(line, word) for _, line, word in findings(path, text)] == found


def test_every_place_exists_and_every_exception_has_a_reason_and_is_needed() -> None:
    assert all((ROOT / place).exists() for place in PLACES)
    for (path, word), reason in ALLOWED.items():
        assert reason
        assert word in (ROOT / path).read_text(encoding="utf-8").lower()
