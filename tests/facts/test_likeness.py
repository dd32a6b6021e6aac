"""Names that look alike."""

from __future__ import annotations

import pytest

from seakeep.facts.likeness import leaves_out_a_word


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("blog-active", "blog-eu-active", True),
        ("blog-eu-active", "blog-active", True),
        ("blog-active", "blog-eu-west-active", False),
        ("blog", "blog-active", False),
        ("blog-active", "news-blog-active", False),
        ("blog-active", "blog-eu-preview", False),
        ("blog-active", "blog-active", False),
    ],
)
def test_a_word_left_out_in_the_middle(one: str, two: str, expected: bool) -> None:
    assert leaves_out_a_word(one, two) is expected
