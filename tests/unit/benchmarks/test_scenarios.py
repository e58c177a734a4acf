"""Scenarios and doors fit each other."""

from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import environments
from benchmarks.doors import DOORS, EVERY, selected
from benchmarks.figures import Sample
from benchmarks.rounds import Run
from benchmarks.scenarios import SCENARIOS, Scenario, by_app, chosen, multipart_file, wants_startup
from benchmarks.servers import APPS
from benchmarks.tools import pinned, repeating


def test_all_scenarios_are_chosen_unless_some_are_named() -> None:
    assert chosen("") == SCENARIOS
    assert [scenario.key for scenario in chosen("s7, S1,S16")] == ["S1", "S7"]
    assert wants_startup("")
    assert wants_startup("S16")
    assert not wants_startup("S1")


def test_a_twin_is_a_scenario_of_the_same_application_with_the_same_answer() -> None:
    known = {scenario.key: scenario for scenario in SCENARIOS}
    pairs = [(scenario, known[scenario.twin]) for scenario in SCENARIOS if scenario.twin]
    assert [(one.key, other.key) for one, other in pairs] == [("S17", "S18")]
    assert all((one.app, one.expected) == (other.app, other.expected) for one, other in pairs)


def test_a_scenario_is_compared_with_its_twin_round_by_round() -> None:
    run = Run(list(DOORS), {}, 1, 2)
    run.samples = {
        "S17": {"ours": [Sample(10, 1, 1, 1), Sample(20, 1, 1, 1)]},
        "S18": {"ours": [Sample(11, 1, 1, 1), Sample(22, 1, 1, 1)]},
        "S1": {"ours": [Sample(1, 1, 1, 1)]},
    }
    assert run.twins() == {"S17 beside S18": {"ours": 1.1}}
    del run.samples["S18"]
    assert run.twins() == {}


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ValueError, match="S99"):
        chosen("S1,S99")


def test_scenarios_are_grouped_by_their_application() -> None:
    groups = by_app(SCENARIOS)
    assert [scenario.key for scenario in groups["many_routes"]] == ["S7", "S13"]
    assert sum(map(len, groups.values())) == len(SCENARIOS) == len({scenario.key for scenario in SCENARIOS})


@pytest.mark.parametrize(
    ("expected", "status", "body", "right"),
    [
        ({"a": 1}, 200, b'{"a": 1}', True),
        ({"a": 1}, 200, b'{"a":2}', False),
        ({"a": 1}, 201, b'{"a":1}', False),
        ({"a": 1}, 200, b"a", False),
        (b"raw", 200, b"raw", True),
        (b"raw", 200, b"ra", False),
    ],
)
def test_only_the_right_answer_matches(expected: object, status: int, body: bytes, right: bool) -> None:
    assert Scenario(key="X", title="x", expected=expected).matches(status, body) is right


def test_a_multipart_body_ends_with_its_boundary() -> None:
    body = multipart_file("file", "a.bin", b"content")
    assert b'name="file"; filename="a.bin"' in body
    assert body.endswith(b"\r\n\r\ncontent\r\n------benchmark-boundary--\r\n")


def test_every_application_of_every_door_and_scenario_is_there() -> None:
    modules = {module for door in DOORS for module in door.apps.values()} | {one.app for one in SCENARIOS}
    assert [module for module in modules if not (APPS / f"{module.replace('.', '/')}.py").exists()] == []
    assert {scenario.app for scenario in SCENARIOS} <= EVERY


def test_every_environment_has_its_requirements() -> None:
    for door in DOORS:
        name = "shared" if door.environment == "ours" else door.environment
        assert all(path.exists() for path in environments.requirement_files(name))


def test_the_reference_and_ours_differ_in_fastapi_only() -> None:
    shared, reference = environments.requirement_files("shared"), environments.requirement_files("reference")
    assert reference[1:] == shared
    own = [line for line in reference[0].read_text().splitlines() if not line.startswith("-r")]
    assert own == ["fastapi==0.128.0"]


def test_a_door_fills_in_its_command() -> None:
    reference = DOORS[0]
    line = " ".join(reference.arguments(python="/env/bin/python", app="core", port=1234, workers=2))
    assert line.startswith("/env/bin/python -m uvicorn core:app --host 127.0.0.1 --port 1234 --loop uvloop")
    assert line.endswith("--workers 2")


def test_the_reference_comes_first_and_peers_only_when_asked_for() -> None:
    assert [door.name for door in selected(peers=False)] == ["reference", "ours", "native", "socket"]
    assert {"granian", "litestar"} < {door.name for door in selected(peers=True)}


def test_a_peer_answers_only_what_it_lists() -> None:
    socketify = next(door for door in DOORS if door.name == "socketify")
    keys = {scenario.key for scenario in SCENARIOS if socketify.answers(scenario)}
    assert keys == socketify.keys


def test_an_environment_changes_with_its_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    before = environments.digest([path])
    path.write_text("two")
    assert environments.digest([path]) != before


def test_nothing_of_the_checkout_reaches_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/checkout")
    monkeypatch.setenv("FASTAPI_RS_PURE", "1")
    found = environments.clean()
    assert "PYTHONPATH" not in found
    assert found["PYTHONHASHSEED"] == "0"
    assert found["FASTAPI_RS_PURE"] == "1"


def test_a_command_is_pinned_to_a_core_or_free() -> None:
    assert pinned(1, ["x"]) == ["taskset", "--cpu-list", "1", "x"]
    assert pinned(None, ["x"]) == ["x"]


def test_addresses_repeat_only_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repeating() in ([], ["setarch", "--addr-no-randomize"])
    monkeypatch.setenv("PATH", "")
    assert repeating() == []


def test_the_command_line_knows_its_options(tmp_path: Path) -> None:
    options = command.arguments(["run", "--seconds", "1", "--rounds", "2", "--only", "S1", "--peers"])
    assert (options.seconds, options.rounds, options.only, options.peers) == (1.0, 2, "S1", True)
    with pytest.raises(SystemExit, match="no wheel"):
        command.wheel(tmp_path / "absent.whl")


def test_compare_reads_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["compare", "--results", str(tmp_path)]) == 0
    assert "Nothing to compare" in capsys.readouterr().out
