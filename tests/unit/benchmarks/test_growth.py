"""What growth costs, as tables for people."""

import json

from benchmarks import growth
from benchmarks.__main__ import RESULTS, ROOT

RESULT = {
    "doors": {"reference": "FastAPI", "native": "native server"},
    "series": {"routes": {"10": {"reference": 120.0, "native": 12.0}, "5000": {"reference": 5000.0}}},
    "memory": {"an idle connection": {"reference": 10.26, "native": 0.0}},
}

SUMMARY = """\
| routes | FastAPI |  native server |
|--------|--------:|---------------:|
| 10     |  120 µs | 12.0 µs, ×10.0 |
| 5,000  | 5000 µs |                |

| memory of          |  FastAPI | native server |
|--------------------|---------:|--------------:|
| an idle connection | 10.3 KiB |      0.00 KiB |"""


def test_the_summary_has_a_table_for_each_thing_that_grew_and_one_of_memory() -> None:
    assert growth.summary(RESULT) == SUMMARY


def test_the_documentation_has_the_tables_of_the_last_run() -> None:
    result = json.loads((RESULTS / "growth.json").read_text())
    assert growth.summary(result) in (ROOT / "docs" / "growth.md").read_text()
