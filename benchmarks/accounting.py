"""What processes have used: CPU time and memory from /proc (proc_pid_stat(5))."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Usage:
    """One process in /proc/PID/stat; ``ticks`` counts its own time and that of the children it has waited for."""

    pid: int
    parent: int
    ticks: int

    @classmethod
    def parse(cls, stat: str) -> "Usage":
        pid, fields = read(stat)
        # Without pid and name: state, ppid, … utime, stime, cutime, cstime are fields 14 to 17 of the manual.
        return cls(pid, int(fields[1]), sum(int(field) for field in fields[11:15]))


def read(stat: str) -> tuple[int, list[str]]:
    """Return a pid and what follows the name of the command."""
    # The name is in parentheses and may hold spaces and parentheses itself.
    pid, _, rest = stat.partition(" (")
    return int(pid), rest.rpartition(")")[2].split()


def sleeps(pid: int, proc: Path = PROC) -> bool:
    """Return whether the main thread of a process waits for something."""
    return read((proc / str(pid) / "stat").read_text())[1][0] == "S"


def tree(root: int, processes: Iterable[Usage]) -> list[Usage]:
    """Return a process and all that descend from it."""
    children: dict[int, list[Usage]] = {}
    found: list[Usage] = []
    for process in processes:
        children.setdefault(process.parent, []).append(process)
        if process.pid == root:
            found.append(process)
    for process in found:  # grows while it is walked
        found.extend(children.get(process.pid, ()))
    return found


def processes(proc: Path = PROC) -> list[Usage]:
    found = []
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                found.append(Usage.parse((entry / "stat").read_text()))
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended between the two reads
    return found


def cpu_seconds(pid: int, proc: Path = PROC) -> float:
    """Return the user and system time of a process and its descendants so far, in seconds (resolution: 10 ms)."""
    return sum(process.ticks for process in tree(pid, processes(proc))) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int, proc: Path = PROC) -> int:
    """Return the resident memory of a process and its descendants in bytes."""
    pages = 0
    for process in tree(pid, processes(proc)):
        pages += int((proc / str(process.pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
