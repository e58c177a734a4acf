"""``fastapi._rust``: the extension is loaded only when it fits, and says why when it does not."""

import importlib.util
import logging
import pathlib
import re
import sys
from types import ModuleType

import pytest

import fastapi
from fastapi import _rust
from fastapi._version import VERSION

ROOT = pathlib.Path(_rust.__file__).resolve().parents[1]


def door(
    monkeypatch: pytest.MonkeyPatch, extension: ModuleType | None, pure: str | None = None
) -> ModuleType:
    """A fresh ``_rust``, executed with ``extension`` in place of the real one (``None``: there is none)."""
    monkeypatch.setitem(sys.modules, "fastapi._fastapi_rust", extension)
    if pure is None:
        monkeypatch.delenv("FASTAPI_RS_PURE", raising=False)
    else:
        monkeypatch.setenv("FASTAPI_RS_PURE", pure)
    spec = importlib.util.spec_from_file_location("fastapi._rust_again", _rust.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(version: str, *names: str) -> ModuleType:
    extension = ModuleType("fastapi._fastapi_rust")
    extension.__file__ = "/somewhere/_fastapi_rust.so"
    extension.__version__ = version  # type: ignore[attr-defined]
    for name in names:
        setattr(extension, name, name.upper())
    return extension


def test_the_extension_was_built_from_this_version() -> None:
    extension = pytest.importorskip("fastapi._fastapi_rust", reason="this environment has no extension")
    assert extension.__version__ == VERSION


def test_a_build_that_fits_offers_its_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    module = door(monkeypatch, build(VERSION, *_rust.EXPORTS))
    assert [getattr(module, name) for name in _rust.EXPORTS] == [name.upper() for name in _rust.EXPORTS]
    assert module.PURE is False


def test_every_export_is_there_and_never_certain_in_pure_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    module = door(monkeypatch, None, pure="1")
    assert module.PURE is True
    for name in _rust.EXPORTS:
        assert getattr(module, name)(b"anything", at="all") is None


def refusal(monkeypatch: pytest.MonkeyPatch, extension: ModuleType | None) -> str:
    with pytest.raises(ImportError) as raised:
        door(monkeypatch, extension)
    assert raised.value.name == "fastapi._fastapi_rust"
    return str(raised.value)


def test_a_missing_extension_is_refused_with_the_way_to_build_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="fastapi"):
        message = refusal(monkeypatch, None)
    assert f"fastapi-rs {VERSION} cannot load its Rust extension fastapi._fastapi_rust in cpython" in message
    assert "make build" in message
    assert "FASTAPI_RS_PURE=1" in message
    assert caplog.messages == [message]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["_rust.py", "_fastapi_rust.pyi"], "found no build of it"),
        (
            ["_fastapi_rust.pyi", "_fastapi_rust.cpython-39-darwin.so", "_fastapi_rust.cp310-win_amd64.pyd"],
            "found _fastapi_rust.cp310-win_amd64.pyd, _fastapi_rust.cpython-39-darwin.so",
        ),
    ],
)
def test_a_missing_extension_is_told_from_one_for_another_python(
    monkeypatch: pytest.MonkeyPatch, files: list[str], found: str
) -> None:
    monkeypatch.setattr("os.listdir", lambda folder: files)
    assert f"{found})" in refusal(monkeypatch, None)


def test_an_extension_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(monkeypatch, build("0.0.9"))
    assert f"fastapi-rs {VERSION} found the Rust extension of version 0.0.9 at /somewhere/" in message


def test_an_extension_without_a_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "of version unknown at an unknown place" in refusal(monkeypatch, ModuleType("bare"))


def test_an_extension_that_lacks_an_export_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    if not _rust.EXPORTS:
        pytest.skip("the extension exports nothing yet")
    present, *absent = _rust.EXPORTS
    message = refusal(monkeypatch, build(VERSION, present))
    assert f"found a Rust extension without {', '.join(absent)} at /somewhere/" in message


def test_every_place_that_states_the_version_states_the_same() -> None:
    cargo = (ROOT / "Cargo.toml").read_text()
    assert re.search(r'^version = "(.*)"$', cargo, re.MULTILINE).group(1) == VERSION  # type: ignore[union-attr]
    companion = (ROOT / "packaging/fastapi/pyproject.toml").read_text()
    assert set(re.findall(r'"fastapi-rs(?:\[[\w-]+\])?==([^"]+)"', companion)) == {VERSION}
    assert f'version = "{fastapi.__version__}+rs"' in companion
