"""The commands."""

import pathlib
import shutil

import pytest

from app.core.config import get_settings
from app.scripts import create_admin


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
