"""``fastapi._collision``: a folder in which two distributions lie is refused, with the way out."""

import importlib.metadata
import pathlib

import pytest

from fastapi._collision import refuse_collision
from fastapi._version import VERSION


def test_a_folder_of_our_own_is_fine(tmp_path: pathlib.Path) -> None:
    (tmp_path / "params").mkdir()
    refuse_collision(str(tmp_path))


@pytest.mark.parametrize(
    ("installed", "named"),
    [
        ({"fastapi": "0.128.0", "fastapi-rs": "0.0.7"}, "fastapi 0.128.0 and fastapi-rs 0.0.7"),
        ({}, f"fastapi of an unknown version and fastapi-rs {VERSION}"),
    ],
)
def test_a_mixture_names_both_distributions_and_the_commands_that_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, installed: dict[str, str], named: str
) -> None:
    def version(name: str) -> str:
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr("importlib.metadata.version", version)
    (tmp_path / "params.py").touch()
    with pytest.raises(ImportError) as raised:
        refuse_collision(str(tmp_path))
    message = str(raised.value)
    assert named in message
    assert "pip uninstall --yes fastapi fastapi-rs" in message
    assert f"uv pip install fastapi-rs=={installed.get('fastapi-rs', VERSION)} fastapi==0.128.0+rs" in message
    assert raised.value.name == "fastapi"
