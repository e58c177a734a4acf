"""Every test has its own directory, and no schema of another one."""

import pathlib
import textwrap
from collections.abc import Callable
from weakref import WeakValueDictionary

import pytest

from fastapi.params import renewal
from fastapi.params.schema import loading

Write = Callable[..., pathlib.Path]


@pytest.fixture(autouse=True)
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The working directory, without a schema file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTAPI_PARAMS_SCHEMA", raising=False)
    for name, value in vars(loading._Loaded()).items():
        monkeypatch.setattr(loading.loaded, name, value)
    # Routes of other tests live until they are collected.
    monkeypatch.setattr(renewal, "_known", WeakValueDictionary())
    return tmp_path


@pytest.fixture
def write() -> Write:
    """Writes a file of the working directory: `params_schema.yaml`, unless it is named."""

    def file(text: str, name: str = "params_schema.yaml") -> pathlib.Path:
        path = pathlib.Path(name)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return file
