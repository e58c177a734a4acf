"""A test suite of a package: its sdist fetched, unpacked without the package, shared out to workers."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from typing import Final

from environment import run
from exceptions import ALONE


@dataclass(frozen=True)
class Suite:
    """The tests of a release.

    Attributes:
        package: the name of the distribution and of its package.
        digest: SHA-256 of its sdist.
        passed: how many of the tests pass on the release itself, under the pins of ``requirements.txt``.
        options: what pytest is told besides.
        tests: the files or folders to run in one worker; all files, shared out, if there are none.
    """

    package: str
    release: str
    digest: str
    passed: int
    options: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


FASTAPI: Final = Suite(
    "fastapi", "0.128.0", "1cc179e1cef10a6be60ffe429f79b829dce99d8de32d7acb7e6c8dfdf7f2645a", passed=3724
)
STARLETTE: Final = Suite(
    "starlette", "0.50.0", "a2a17b22203254bcbc2e1f926d2d55f3f9497f769416b3190768befe598fa3ca", passed=519,
    options=("-k", "not trio"),
)  # fmt: skip
"""Without the runs on trio: the native server serves on asyncio."""
SUITES: Final = {suite.package: suite for suite in (FASTAPI, STARLETTE)}


def fetch(cache: pathlib.Path, suite: Suite) -> pathlib.Path:
    """Download the sdist once and unpack everything in it but the package itself.

    Returns:
        The folder that holds ``tests/`` and ``pyproject.toml``.
    """
    top = f"{suite.package}-{suite.release}"
    tree = cache / f"{top}-tests"
    if tree.exists():
        return tree
    archive = cache / f"{top}.tar.gz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        requirement = cache / f"{top}.txt"
        requirement.write_text(f"{suite.package}=={suite.release} --hash=sha256:{suite.digest}\n")
        run(
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--no-binary", suite.package, "--dest", cache, "--requirement", requirement,
        )  # fmt: skip
    fresh = cache / f"{tree.name}.part-{os.getpid()}"
    with tarfile.open(archive) as sdist:
        package = f"{top}/{suite.package}/"
        wanted = [member for member in sdist.getmembers() if not member.name.startswith(package)]
        # Python releases before 3.10.12 and 3.11.4 do not know the filter.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        sdist.extractall(fresh, members=wanted, **safely)
    (fresh / top).rename(tree)
    fresh.rmdir()
    return tree


def weight(test_file: pathlib.Path) -> int:
    """A guess at how long a file takes: how many test functions it has."""
    return 3 + test_file.read_text(encoding="utf-8").count("def test_")


def share_out(tree: pathlib.Path, workers: int) -> list[list[str]]:
    """Share the test files out to ``workers`` lists of about equal weight, each in the suite's own order."""
    files = [
        path for path in tree.glob("tests/**/test_*.py") if path.relative_to(tree).as_posix() not in ALONE
    ]
    shares: list[list[str]] = [[] for _ in range(workers)]
    loads = [0] * workers
    for load, name in sorted(
        ((weight(path), path.relative_to(tree).as_posix()) for path in files), reverse=True
    ):
        least = loads.index(min(loads))
        shares[least].append(name)
        loads[least] += load
    return [sorted(share) for share in shares]


def own_copy(tree: pathlib.Path, place: pathlib.Path) -> pathlib.Path:
    """Give a worker a copy of the suite to itself: tests write image.png, log.txt and static/ where they run."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(tree, place)
    return place


def start(
    python: pathlib.Path,
    place: pathlib.Path,
    tests: list[str],
    options: list[str],
    environment: dict[str, str],
) -> "subprocess.Popen[bytes]":
    """Start one pytest process on ``tests`` in ``place``; what it prints goes to ``place/output.txt``."""
    command = "-m pytest -p witness -q --no-header --continue-on-collection-errors".split()
    with open(place / "output.txt", "wb") as output:
        return subprocess.Popen(
            [python, *command, *options, *tests],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
