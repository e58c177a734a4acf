"""Conditional requests, by the order of RFC 9110 §13.2.2."""

import datetime
from typing import Any

import pytest

from app.exceptions.custom_exceptions import NotModified, PreconditionFailed
from app.utils.conditional import Preconditions, format_date

MODIFIED = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.timezone.utc)
AT = format_date(MODIFIED)
BEFORE = format_date(MODIFIED - datetime.timedelta(seconds=1))
OK, SAME, FAILED = None, NotModified, PreconditionFailed


@pytest.mark.parametrize(
    ("conditions", "reading", "writing"),
    [
        ({}, OK, OK),
        ({"if_match": '"a"'}, OK, OK),
        ({"if_match": '"b", "a"'}, OK, OK),
        ({"if_match": "*"}, OK, OK),
        ({"if_match": '"b"'}, FAILED, FAILED),
        ({"if_match": 'W/"a"'}, FAILED, FAILED),
        ({"if_none_match": '"a"'}, SAME, FAILED),
        ({"if_none_match": 'W/"a"'}, SAME, FAILED),
        ({"if_none_match": "*"}, SAME, FAILED),
        ({"if_none_match": '"b"'}, OK, OK),
        ({"if_modified_since": AT}, SAME, OK),
        ({"if_modified_since": BEFORE}, OK, OK),
        ({"if_modified_since": "nonsense"}, OK, OK),
        ({"if_unmodified_since": AT}, OK, OK),
        ({"if_unmodified_since": BEFORE}, FAILED, FAILED),
        ({"if_none_match": '"b"', "if_modified_since": AT}, OK, OK),
        ({"if_match": '"a"', "if_unmodified_since": BEFORE}, OK, OK),
    ],
)
def test_conditions_decide(conditions: dict[str, str], reading: Any, writing: Any) -> None:
    for is_reading, expected in [(True, reading), (False, writing)]:
        if expected is None:
            headers = Preconditions(**conditions).check('"a"', MODIFIED, reading=is_reading)
            assert headers["ETag"] == '"a"'
            assert headers["Last-Modified"] == AT
        else:
            with pytest.raises(expected):
                Preconditions(**conditions).check('"a"', MODIFIED, reading=is_reading)
