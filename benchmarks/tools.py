"""The programs that a measurement needs beside Python, and the cores that it uses."""

import os
import shutil
import subprocess
from collections.abc import Sequence


def require(program: str, package: str) -> None:
    """Make sure that a program is there; as root on Debian, by installing its package.

    Raises:
        SystemExit: it is missing and could not be installed; the message says what to install.
    """
    if shutil.which(program):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {package} …", flush=True)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=300
            )
        if shutil.which(program):
            return
    raise SystemExit(
        f"{program} is missing. Install it (Debian, Ubuntu: `sudo apt-get install {package}`) and run again."
    )


def cores() -> tuple[int, int]:
    """Return the cores of the server and of the client; the same one where there is no second."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def pinned(core: int | None, command: Sequence[str]) -> list[str]:
    """Return the command that runs on one core only, or on any with ``None``."""
    return list(command) if core is None else ["taskset", "--cpu-list", str(core), *command]


def repeating() -> list[str]:
    """Return what to put before a command so that its addresses, and with them its instructions, repeat.

    Empty where that is not allowed, as in some containers: counts then vary by about half a percent.
    """
    command = ["setarch", "--addr-no-randomize"]
    try:
        allowed = (
            subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False).returncode == 0
        )
    except FileNotFoundError:
        return []
    return command if allowed else []
