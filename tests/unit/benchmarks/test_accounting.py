"""CPU time is that of a whole process tree, whatever its processes are called."""

import os
from pathlib import Path

import pytest

from benchmarks.accounting import Usage, cpu_seconds, processes, resident_bytes, sleeps, tree


def stat(pid: int, parent: int, name: str = "python", times: tuple[int, int, int, int] = (0, 0, 0, 0)) -> str:
    utime, stime, cutime, cstime = times
    return f"{pid} ({name}) S {parent} 1 1 0 -1 4194304 9 8 7 6 {utime} {stime} {cutime} {cstime} 20 0 1 0 99 1 1\n"


@pytest.mark.parametrize("name", ["python", "a b", "x) S 7 (y", "(", "))"])
def test_a_stat_line_is_read_whatever_the_name_of_the_command(name: str) -> None:
    assert Usage.parse(stat(12, 3, name, (100, 20, 3, 4))) == Usage(pid=12, parent=3, ticks=127)


@pytest.mark.parametrize(("state", "is_so"), [("S", True), ("R", False), ("Z", False), ("D", False)])
def test_a_process_sleeps_or_does_not(state: str, is_so: bool, tmp_path: Path) -> None:
    proc = make_proc(tmp_path, stat(7, 1, name=") S (").replace(") S 1", f") {state} 1"))
    assert sleeps(7, proc) is is_so


def test_a_tree_has_children_and_grandchildren_and_no_strangers() -> None:
    found = tree(2, [Usage(4, 3, 1), Usage(1, 0, 1), Usage(2, 1, 1), Usage(3, 2, 1), Usage(5, 1, 1)])
    assert {process.pid for process in found} == {2, 3, 4}


def test_a_process_that_is_gone_has_no_tree() -> None:
    assert tree(9, [Usage(1, 0, 1)]) == []


def make_proc(folder: Path, *lines: str, pages: int = 0) -> Path:
    for line in lines:
        process = folder / line.split()[0]
        process.mkdir()
        (process / "stat").write_text(line)
        (process / "statm").write_text(f"{pages * 3} {pages} 1 1 0 1 0\n")
    (folder / "self").mkdir()
    return folder


def test_cpu_seconds_add_up_the_tree(tmp_path: Path) -> None:
    proc = make_proc(
        tmp_path, stat(10, 1, times=(50, 50, 0, 0)), stat(11, 10, times=(100, 0, 0, 0)), stat(12, 1)
    )
    assert cpu_seconds(10, proc) == pytest.approx(200 / os.sysconf("SC_CLK_TCK"))


def test_resident_bytes_add_up_the_tree(tmp_path: Path) -> None:
    proc = make_proc(tmp_path, stat(10, 1), stat(11, 10), stat(12, 1), pages=5)
    assert resident_bytes(10, proc) == 2 * 5 * os.sysconf("SC_PAGE_SIZE")


def test_a_process_that_ends_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    proc = make_proc(tmp_path, stat(10, 1))
    (proc / "11").mkdir()
    assert [process.pid for process in processes(proc)] == [10]


def test_this_process_has_used_time_and_memory() -> None:
    assert cpu_seconds(os.getpid()) > 0
    assert resident_bytes(os.getpid()) > 0
