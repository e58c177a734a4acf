"""The commands."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from app.core.config import get_settings
from app.scripts import create_admin

SCRIPTS = pathlib.Path(create_admin.__file__).parent


@pytest.fixture
def environment(
    tmp_path: pathlib.Path, migrated: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> pathlib.Path:
    shutil.copy(migrated, tmp_path / "app.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/app.db")
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    return tmp_path


def test_the_first_administrator_is_made_once(
    environment: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_admin.main(["root", "root@example.com"])
    assert "is an administrator" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="taken"):
        create_admin.main(["root", "root@example.com"])
    with pytest.raises(SystemExit, match="email"):
        create_admin.main(["root", "nobody"])
    get_settings.cache_clear()


def run(script: str, *arguments: str) -> list[str]:
    """The lines that a script prints, run by its path in another folder than the project's."""
    ended = subprocess.run(
        [sys.executable, SCRIPTS / script, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_keys_are_written_by_the_path_of_the_script(environment: pathlib.Path) -> None:
    (line,) = run("generate_keys.py", "--bits", "2048")
    (key,) = (environment / "keys").glob("*.pem")
    assert line == f"wrote keys/{key.name}"


def test_what_a_script_logs_is_as_the_service_logs(environment: pathlib.Path) -> None:
    *lines, last = run("create_admin.py", "root", "root@example.com")
    assert last == "root is an administrator"
    events = [json.loads(line) for line in lines]
    assert [event["action"] for event in events if event["event"] == "audit"] == ["user.created"]
