"""wrk's report is read right and its scripts say what a scenario says."""

import pytest

from benchmarks import wrk
from benchmarks.scenarios import SCENARIOS, Scenario

REPORT = """Running 3s test @ http://127.0.0.1:8000/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.84ms    4.09ms  59.87ms   92.31%
    Req/Sec     6.64k   689.66     7.49k    80.00%
  Latency Distribution
     50%    9.45ms
     75%   10.10ms
     90%   12.02ms
     99%    1.02s
  19885 requests in 3.01s, 2.77MB read
"""


def test_a_report_gives_requests_seconds_and_percentiles_in_milliseconds() -> None:
    load = wrk.parse(REPORT + "Requests/sec:   6605.81\n")
    assert (load.requests, load.p50, load.p99, load.refused, load.errors) == (19885, 9.45, 1020.0, 0, 0)
    assert load.seconds == pytest.approx(3.01)


def test_refusals_and_socket_errors_are_counted() -> None:
    more = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 17\n"
    load = wrk.parse(REPORT + more)
    assert (load.errors, load.refused) == (10, 17)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("3.00s ", 3000.0), ("50us", 0.05), ("1.5ms", 1.5), ("2.00s", 2000.0), ("1.00m", 60_000.0)],
)
def test_every_unit_of_a_percentile_becomes_milliseconds(text: str, milliseconds: float) -> None:
    assert wrk.percentile(f"     50%   {text}\n", 50) == pytest.approx(milliseconds)


@pytest.mark.parametrize("text", ["", "unable to connect", REPORT.replace("50%", "51%")])
def test_another_text_is_no_report(text: str) -> None:
    with pytest.raises(ValueError, match="wrk reported no"):
        wrk.parse(text)


def test_a_lua_literal_escapes_quotes_backslashes_and_what_is_not_printable() -> None:
    assert wrk.literal(b'a"b\\c\r\n\xff1') == '"a\\034b\\092c\\013\\010\\2551"'


def test_a_script_has_method_body_and_headers() -> None:
    scenario = Scenario(
        key="X",
        title="x",
        expected=None,
        method="POST",
        headers=(("Content-Type", "text/plain"),),
        body=b"hi",
    )
    assert wrk.lua(scenario) == (
        'wrk.method = "POST"\nwrk.body = "hi"\nwrk.headers["Content-Type"] = "text/plain"\n'
    )


def test_a_script_defines_no_function_so_that_wrk_builds_its_request_once() -> None:
    assert not any("function" in wrk.lua(scenario) for scenario in SCENARIOS)
