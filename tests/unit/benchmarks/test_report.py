"""What a run leaves behind can be read by people and by the next run."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import chart, report


def result(ours: float = 2.0, commit: str = "abc") -> dict[str, Any]:
    reference = {"ratio": 1.0, "cost": 80.0, "rps": 9000, "p50_ms": 5.0, "p99_ms": 9.0}
    return {
        "commit": commit,
        "dirty": False,
        "date": "2026-01-01T00:00:00+00:00",
        "python": "3.11.7",
        "machine": "Linux x86_64, <a processor>",
        "doors": {"reference": {"title": "FastAPI & uvicorn"}, "ours": {"title": "fastapi-rs"}},
        "scenarios": {
            "S1": {
                "title": "plain",
                "unit": "µs",
                "goals": {"ours": 2.2},
                "doors": {"reference": reference, "ours": reference | {"ratio": ours, "cost": 80 / ours}},
            },
            "S16a": {
                "title": "import",
                "unit": "ms",
                "goals": {},
                "doors": {"reference": {"ratio": 1.0, "cost": 200}},
            },
        },
    }


def test_a_table_is_aligned_words_left_and_figures_right() -> None:
    assert report.table([["a", "1.50"], ["long", "12"]], ["name", "µs"]) == (
        "| name |   µs |\n|------|-----:|\n| a    | 1.50 |\n| long |   12 |"
    )


def test_the_table_of_figures_names_a_scenario_once_and_shows_goals() -> None:
    lines = report.figures_table(result()).splitlines()
    assert [cell.strip() for cell in lines[3].split("|")[1:-1]] == [
        "", "ours", "40.0 µs", "×2.00", "×2.2", "9000", "5.00", "9.00",
    ]  # fmt: skip
    assert lines[2].startswith("| S1 plain")
    assert lines[4].startswith("| S16a import")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.256, "0.26"), (9.994, "9.99"), (53.83, "53.8"), (1071.6, "1072")]
)
def test_a_number_has_three_digits_that_count(value: float | None, text: str) -> None:
    assert report.number(value) == text


def test_a_run_writes_its_figures_and_one_line_of_history(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    assert report.read_history(folder) == []
    report.write(result(), folder)
    report.write(result(3.0, "def"), folder)
    assert json.loads((folder / "latest.json").read_text())["commit"] == "def"
    history = report.read_history(folder)
    assert [entry["ratios"]["S1"] for entry in history] == [{"ours": 2.0}, {"ours": 3.0}]


def test_a_summary_names_the_best_of_the_others_and_not_the_socket() -> None:
    many = result()
    figures = many["scenarios"]["S1"]["doors"]
    for door, ratio in {"native": 5.0, "socket": 9.0, "litestar": 2.5, "granian": 1.0}.items():
        many["doors"][door] = {"title": door}
        figures[door] = {**figures["ours"], "ratio": ratio}
    line = next(line for line in report.summary(many).splitlines() if "S1" in line)
    assert [cell.strip() for cell in line.strip("|").split("|")][2:] == [
        f"{report.number(figures['ours']['cost'])} µs, ×2.0",
        f"{report.number(figures['ours']['cost'])} µs, ×5.0",
        "×2.5 litestar",
    ]


def test_a_comparison_names_what_became_slower() -> None:
    history = [report.history_line(result(ratio)) for ratio in (2.0, 3.0, 2.5)]
    assert "| S1       | ours |  ×3.00 | ×2.50 |   -17% | slower |" in report.comparison(history)


def test_a_comparison_looks_past_a_run_of_other_scenarios() -> None:
    partial = result() | {"scenarios": {}}
    history = [report.history_line(one) for one in (result(2.0), partial, result(4.0))]
    assert "+100%" in report.comparison(history)


@pytest.mark.parametrize(
    ("ratios", "words"),
    [([], "Nothing to compare"), ([2.0], "Nothing to compare"), ([2.0, 2.1], "no ratio moved")],
)
def test_a_comparison_says_when_there_is_nothing_to_tell(ratios: list[float], words: str) -> None:
    assert words in report.comparison([report.history_line(result(ratio)) for ratio in ratios])


def test_the_origin_of_figures_is_told_even_outside_a_checkout(tmp_path: Path) -> None:
    found = report.origin(tmp_path)
    assert (found["commit"], found["dirty"]) == ("unknown", False)
    assert report.processor(tmp_path / "absent") == "unknown"


def texts(svg: str) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_the_chart_is_well_formed_and_shows_ratios_and_doors() -> None:
    shown = texts(chart.svg(result()))
    assert {"S1 plain", "×2.0", "fastapi-rs", "×1", "×2"} <= set(shown)
    assert any("FastAPI & uvicorn" in text for text in shown)
    assert not any("S16a" in text for text in shown), "a scenario that only the reference has is no bar"


def test_a_longer_bar_is_a_greater_ratio_and_none_is_shorter_than_a_pixel() -> None:
    def width(ratio: float) -> float:
        root = ElementTree.fromstring(chart.svg(result(ratio)))
        bars = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("x") == str(chart.LEFT)]
        return float(bars[0].get("width", "0"))

    assert width(0.5) == width(1.0) == 1
    assert 1 < width(1.5) < width(2.0)


def test_our_own_doors_come_first_in_the_chart() -> None:
    many = result()
    figures = many["scenarios"]["S1"]["doors"]
    for door in ("litestar", "native"):
        many["doors"][door] = {"title": door}
        figures[door] = figures["ours"]
    order = [text for text in texts(chart.svg(many)) if text in {"native", "fastapi-rs", "litestar"}]
    assert order == ["native", "fastapi-rs", "litestar"]
