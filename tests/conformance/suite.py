"""The test suite of FastAPI 0.128.0: fetched, unpacked without its package, shared out to workers."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
from typing import Final

from environment import run
from exceptions import ALONE

RELEASE: Final = "0.128.0"


def fetch(cache: pathlib.Path) -> pathlib.Path:
    """Download the sdist once and unpack everything in it but the package ``fastapi`` itself.

    Returns:
        The folder that holds ``tests/``, ``docs_src/`` and ``pyproject.toml``.
    """
    tree = cache / f"fastapi-{RELEASE}-tests"
    if tree.exists():
        return tree
    archive = cache / f"fastapi-{RELEASE}.tar.gz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        requirement = f"fastapi=={RELEASE}"
        run(
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--no-binary", "fastapi", "--dest", cache, requirement,
        )  # fmt: skip
    fresh = cache / f"{tree.name}.part-{os.getpid()}"
    with tarfile.open(archive) as sdist:
        top = f"fastapi-{RELEASE}"
        wanted = [member for member in sdist.getmembers() if not member.name.startswith(f"{top}/fastapi/")]
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
