"""The environments of the doors: one each, so that `fastapi` means one thing in it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


class NotInstalled(RuntimeError):
    """An environment that could not be made."""


def digest(paths: Iterable[Path]) -> str:
    """Return what changes when the interpreter or one of these files does."""
    found = hashlib.sha256(sys.version.encode())
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


def requirement_files(name: str, folder: Path = REQUIREMENTS) -> list[Path]:
    """Return the requirements of an environment and the files that they include."""
    path = folder / f"{name}.txt"
    found = [path]
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            found += requirement_files(line[3:].strip().removesuffix(".txt"), folder)
    return found


def prepare(name: str, cache: Path, wheel: Path) -> str:
    """Make an environment, or bring it up to date, and return its interpreter.

    Arguments:
        name: what its requirements are called; ``ours`` is the shared pins and the wheel.
        cache: the folder of all environments.
        wheel: the wheel under test.

    Raises:
        NotInstalled: pip could not do it.
    """
    ours = name == "ours"
    files = requirement_files("shared" if ours else name)
    folder = cache / name
    python = folder / "bin" / "python"
    stamp = folder / "stamp"
    state = digest([*files, wheel] if ours else files)
    if stamp.exists() and stamp.read_text() == state:
        return str(python)
    print(f"preparing the environment {name} …", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--requirement", str(files[0])])
    if ours:
        run([*pip, "--no-deps", str(wheel)])
    stamp.write_text(state)
    return str(python)


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=clean())
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)}\n{done.stderr[-2000:]}")


def clean() -> dict[str, str]:
    """Return an environment in which nothing of the checkout is imported, and hashes repeat."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return kept | {"PYTHONHASHSEED": "0", "PIP_NO_INPUT": "1"}


def works(python: str, code: str) -> bool:
    """Say whether code runs without an error in an environment."""
    done = subprocess.run(
        [python, "-c", code], capture_output=True, timeout=60, check=False, env=clean(), cwd=REQUIREMENTS
    )
    return done.returncode == 0


def versions(python: str) -> dict[str, str]:
    """Return the distributions of an environment."""
    code = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=clean()
    )
    return dict(sorted(json.loads(done.stdout).items()))
