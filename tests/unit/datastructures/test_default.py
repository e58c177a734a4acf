"""Defaults that can be told from chosen values."""

from typing import Any

import pytest

from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.utils import get_value_or_default


@pytest.mark.parametrize("value", [0, 1, "", "a", None, []])
def test_a_placeholder_is_as_true_as_its_value_and_equal_to_another_of_it(value: Any) -> None:
    placeholder = Default(value)
    assert isinstance(placeholder, DefaultPlaceholder)
    assert bool(placeholder) is bool(value)
    assert placeholder == Default(value)
    assert placeholder != value
    assert placeholder != Default("other")


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((1,), 1),
        ((Default(1), 2), 2),
        ((Default(1), Default(2), None, 3), None),
        ((Default(1), Default(2)), Default(1)),
    ],
)
def test_the_first_chosen_value_wins(items: tuple[Any, ...], expected: Any) -> None:
    assert get_value_or_default(*items) == expected
