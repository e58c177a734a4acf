"""The schema file of parameters, changed while requests are served."""

import hashlib
import http.client
import json
import os
import threading
from pathlib import Path
from typing import Any, Final

import pytest

from fastapi import _rust
from tests.integration.running import Running, Start

pytestmark = pytest.mark.timeout(240)

NATIVE: Final = pytest.mark.skipif(_rust.PURE, reason="the native server is part of the extension")

APP = """
from typing import Annotated
from fastapi import Depends, FastAPI, param_factory

app = FastAPI()

def below(low: int = param_factory("below", "low")) -> int:
    return low

async def above(low: Annotated[int, Depends(below)], high: int = param_factory("above", "high")) -> list[int]:
    return [low, high]

@app.get("/async")
async def read(found: Annotated[list[int], Depends(above)], own: int = param_factory("read", "own")):
    return [*found, own]

@app.get("/thread")
def read_in_thread(found: Annotated[list[int], Depends(above)], own: int = param_factory("read", "own")):
    return [*found, own]
"""

BROKEN: Final = (
    "      own: {in: query, type: intger}\n",
    "      own: {in: query, type: string}\n",
    "      own: {in: path, type: integer}\n",
    "      own: [\n",
    "",
)
"""What stands in the place of the last line: what the format, a route, a path, YAML and a function refuse."""


def text(version: int, last: str | None = None) -> str:
    """A file by which every parameter has one value only, the number of its version."""
    limits = f"type: integer, ge: {version}, le: {version}, default: {version}"
    lines = [
        f"version: 1  # {version}\nendpoints:\n",
        f"  below:\n    params:\n      low: {{in: query, {limits}}}\n",
        f"  above:\n    params:\n      high: {{in: query, {limits}}}\n",
        "  read:\n    params:\n",
        f"      own: {{in: query, {limits}}}\n" if last is None else last,
    ]
    return "".join(lines)


def digest(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def put(directory: Path, content: str) -> None:
    """Replace the file in one step."""
    new = directory / "new"
    new.write_text(content)
    os.replace(new, directory / "params_schema.yaml")


@pytest.fixture(autouse=True)
def application(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP)
    put(tmp_path, text(1))


class Client:
    """Asks in every way, and tells by which version each answer was made."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str) -> tuple[int, Any]:
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        content = response.read()
        assert response.headers["content-type"] == "application/json", (response.status, content)
        return response.status, json.loads(content)

    def versions(self) -> list[set[int]]:
        """For each answer, all versions that it shows: a single one, unless it is a mixture."""
        found = []
        for path in ("/async", "/thread"):
            status, content = self.get(path)
            assert status == 200, content
            found.append(set(content))
            # Too small for every version: each parameter is refused with its own limit.
            status, content = self.get(f"{path}?low=0&high=0&own=0")
            assert status == 422, content
            assert len(content["detail"]) == 3, content
            found.append({error["ctx"]["ge"] for error in content["detail"]})
        status, document = self.get("/openapi.json")
        assert status == 200
        schemas = [
            each["schema"] for path in document["paths"].values() for each in path["get"]["parameters"]
        ]
        shown = {schema[key] for schema in schemas for key in ("minimum", "maximum", "default")}
        assert document["x-params-schema"] == {"version": 1, "digest": digest(text(min(shown)))}
        return [*found, shown]

    def close(self) -> None:
        self._connection.close()


class Load(threading.Thread):
    """Asks again and again, and compares the answers with the versions that were in force meanwhile."""

    def __init__(self, port: int, bounds: list[int]) -> None:
        super().__init__(daemon=True)
        self.bounds = bounds
        self.answers = 0
        self.wrong: list[Any] = []
        self.enough = threading.Event()
        self._client = Client(port)

    def run(self) -> None:
        while not self.enough.is_set():
            least = self.bounds[0]
            try:
                found = self._client.versions()
            except Exception as error:
                self.wrong.append(error)
                return
            most = self.bounds[1]
            self.answers += len(found)
            self.wrong += [each for each in found if len(each) != 1 or not least <= min(each) <= most]
        self._client.close()


def change(running: Running, directory: Path, load: list[Load], times: int, workers: int) -> None:
    """Exchange the file so often, every other time by a broken one, and wait until all workers have noticed."""
    bounds = load[0].bounds
    for number in range(2, times + 2):
        if number % 2:
            put(directory, text(number, last=BROKEN[number // 2 % len(BROKEN)]))
            running.wait_for("The schema in force stays as it is", workers * (number // 2))
        else:
            bounds[1] = number
            put(directory, text(number))
            running.wait_for(digest(text(number)), workers)
            bounds[0] = number


@NATIVE
@pytest.mark.parametrize("workers", [1, 2])
def test_every_answer_obeys_the_old_file_or_the_new_one(start: Start, tmp_path: Path, workers: int) -> None:
    options = ["--watch-params", "--reload-delay", "0.02", "--no-access-log", "--workers", str(workers)]
    running = start("run", "main.py", "--host", "127.0.0.1", "--port", "0", *options)
    running.wait_for("Application startup complete", workers)
    bounds = [1, 1]
    load = [Load(running.port, bounds) for _ in range(3)]
    for each in load:
        each.start()
    change(running, tmp_path, load, times=200, workers=workers)
    for each in load:
        each.enough.set()
        each.join(30)
    assert [each.wrong for each in load] == [[], [], []], running.text
    assert all(each.answers > 200 for each in load), [each.answers for each in load]
    assert running.stop() in (0, -15)
    assert "Traceback" not in running.text


@NATIVE
def test_an_invalid_file_is_reported_with_its_line(start: Start, tmp_path: Path) -> None:
    running = start("run", "main.py", "--host", "127.0.0.1", "--port", "0", "--watch-params")
    assert running.get("/openapi.json")["x-params-schema"] == {"version": 1, "digest": digest(text(1))}
    put(tmp_path, text(2, last=BROKEN[0]))
    running.wait_for(
        'params schema params_schema.yaml:11: endpoint "read", parameter "own": "type" is "intger"'
    )
    os.utime(tmp_path / "params_schema.yaml")
    (tmp_path / "params_schema.yaml").unlink()
    running.wait_for("params schema params_schema.yaml: there is no such file")
    put(tmp_path, text(3))
    running.wait_for(digest(text(3)))
    assert running.get("/openapi.json")["x-params-schema"] == {"version": 1, "digest": digest(text(3))}


@NATIVE
def test_without_the_flag_nothing_follows(start: Start, tmp_path: Path) -> None:
    running = start("run", "main.py", "--host", "127.0.0.1", "--port", "0", "--reload-delay", "0.01")
    client = Client(running.port)
    put(tmp_path, text(2))
    assert client.versions() == [{1}] * 5
    client.close()


@NATIVE
def test_dev_follows_without_a_restart_and_starts_once_a_wrong_file_is_mended(
    start: Start, tmp_path: Path
) -> None:
    pytest.importorskip("watchfiles")
    put(tmp_path, text(2, last=BROKEN[0]))
    running = start("dev", "main:app", "--port", "0", "--reload-delay", "0.05")
    running.wait_for("ERROR:    params schema params_schema.yaml:11: endpoint")
    running.wait_for("Waiting for changes")
    put(tmp_path, text(3))
    client = Client(running.port)
    assert client.versions() == [{3}] * 5
    put(tmp_path, text(4))
    running.wait_for(digest(text(4)))
    assert client.versions() == [{4}] * 5
    client.close()
    assert len(running.wait_for("Started server process")) == 1
    assert "Traceback" not in running.text


@NATIVE
@pytest.mark.parametrize("target", ["main:app", "main.py"])
def test_a_wrong_file_ends_the_command_without_a_traceback(start: Start, tmp_path: Path, target: str) -> None:
    put(tmp_path, text(2, last=BROKEN[0]))
    running = start("run", target, "--port", "0")
    assert running.process.wait(30) == 1
    running.wait_for("params schema params_schema.yaml:11: endpoint")
    assert "Traceback" not in running.text


@NATIVE
def test_a_parameter_that_is_in_no_path_ends_the_command(start: Start, tmp_path: Path) -> None:
    put(tmp_path, text(2, last=BROKEN[2]))
    running = start("run", "main:app", "--port", "0")
    assert running.process.wait(30) == 3
    running.wait_for(r'"own": "in" is path, but the path /async has no {own} \(declared: none\)')
    assert "Traceback" not in running.text


def test_uvicorn_follows_too(start: Start, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    options = ["--server", "uvicorn", "--watch-params", "--reload-delay", "0.05"]
    running = start("run", "main.py", "--host", "127.0.0.1", "--port", "0", *options)
    client = Client(int(running.wait_for(r"Uvicorn running on http://127\.0\.0\.1:(\d+)")[0]))
    put(tmp_path, text(2))
    running.wait_for(digest(text(2)))
    assert client.versions() == [{2}] * 5
    client.close()
