"""callgrind: its command, its files, and the accounts that a program under it keeps by calling getsid(2)."""

import re
from collections.abc import Sequence
from pathlib import Path

from . import tools


def command(folder: str) -> list[str]:
    """Return what to put before a command, for its accounts to be written to a folder."""
    return [
        *tools.repeating(),
        "valgrind",
        "--tool=callgrind",
        "--vgdb=no",
        "--dump-before=getsid",
        f"--callgrind-out-file={folder}/out",
    ]


def totals(folder: Path) -> list[int]:
    """Return the instructions of each account, in order, from callgrind's files ``out.1``, ``out.2``, … and ``out``,
    which is written at exit."""
    closed = sorted(folder.glob("out.*"), key=lambda path: int(path.suffix[1:]))
    return [total(path.read_text(errors="replace")) for path in [*closed, folder / "out"] if path.exists()]


def total(text: str) -> int:
    """Raises ``ValueError`` if the text is no file of callgrind."""
    found = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
    if not found:
        raise ValueError("callgrind wrote no total")
    return int(found[1])


def per_request(accounts: Sequence[int], scenarios: int, count: int) -> list[int]:
    """Return the instructions of one request of each scenario, without those of an empty account.

    ``accounts`` are: start-up, the empty one, a pause, the first scenario, a pause, … and the end.

    Raises:
        ValueError: the number of accounts does not fit.
    """
    if len(accounts) != 2 * (scenarios + 1) + 1:
        raise ValueError(f"{len(accounts)} accounts for {scenarios} scenarios")
    empty, *measured = accounts[1::2]
    return [round((account - empty) / count) for account in measured]
