"""Virtual environments for a conformance run: the pins of the reference, with at most one of them moved."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from typing import Final

HERE: Final = pathlib.Path(__file__).resolve().parent
PINS: Final = HERE / "requirements.txt"
COMPANION: Final = HERE.parents[1] / "packaging" / "fastapi"
NEWEST: Final = "newest"


def run(*command: str | os.PathLike[str], cwd: pathlib.Path | None = None) -> None:
    """Run a command; its output is shown only if it fails.

    Raises:
        SystemExit: the command did not exit with 0.
    """
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}\nfailed with {done.returncode}: {' '.join(map(str, command))}")


@dataclass(frozen=True)
class Versions:
    """What an environment holds: the pins, with the versions given here in place of theirs.

    ``pydantic`` and ``starlette`` are a version (``"1.10"`` means the newest 1.10.x), ``"newest"`` or ``None``
    for the pin.
    """

    pydantic: str | None = None
    starlette: str | None = None
    reference: bool = False

    @property
    def variant(self) -> str:
        """The key of this environment in ``exceptions.LEFT_OUT``."""
        return "starlette" if self.starlette else "pydantic" if self.pydantic else "pinned"

    @property
    def name(self) -> str:
        """A folder name that no other combination has."""
        moved = [f"{name}-{version}" for name, version in self.moved().items()]
        python = f"py{sys.version_info.major}.{sys.version_info.minor}"
        return "-".join([python, *(moved or ["pinned"]), *(["reference"] if self.reference else [])])

    def moved(self) -> dict[str, str]:
        """The requirements that differ from the pins."""
        pair = {"pydantic": self.pydantic, "starlette": self.starlette}
        return {name: version for name, version in pair.items() if version}

    def upgrades(self) -> list[str]:
        """The arguments for pip that move what differs from the pins."""
        return [
            name if version == NEWEST else f"{name}=={version}.*" for name, version in self.moved().items()
        ]


def build(
    root: pathlib.Path, versions: Versions, distribution: pathlib.Path | str, pins: pathlib.Path = PINS
) -> pathlib.Path:
    """Make or refresh the environment of ``versions`` under ``root`` and install ``distribution`` into it.

    Args:
        root: folder that keeps the environments from run to run.
        versions: what the environment holds.
        distribution: the wheel under test, or a requirement such as ``fastapi==0.128.0``.
        pins: what else to install. Other pins than FastAPI's own tests have must be complete, for libraries
            require ``fastapi``: they find the companion wheel beside the wheel under test.

    Returns:
        The path of its Python.
    """
    own = pins == PINS
    home = root / (versions.name if own else f"{versions.name}-{pins.stem}")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / "pins"
    key = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not stamp.exists() or stamp.read_text() != key:
        venv.create(home, with_pip=True, clear=True)
        run(*pip, *([] if own else ["--no-deps"]), "--requirement", pins)
        if not own and not versions.reference:
            run(*pip, "--no-deps", COMPANION)
        stamp.write_text(key)
    if upgrades := versions.upgrades():
        # Asked again on every run: what is newest changes.
        run(*pip, "--upgrade", "--constraint", HERE / "constraints.txt", *upgrades)
    run(*pip, "--no-deps", "--force-reinstall", distribution)
    return python


def installed(python: pathlib.Path) -> str:
    """The versions that decide the outcome of a run, as one line."""
    script = (
        "import importlib.metadata as m, sys; print('Python', sys.version.split()[0], *(f'{n} {m.version(n)}'"
        " for n in ('starlette', 'pydantic', 'pydantic-core', 'anyio', 'pytest')), sep=', ')"
    )
    shown = subprocess.run([python, "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.sub(r"^Python, ", "Python ", shown.strip())
