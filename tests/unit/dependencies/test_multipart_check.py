"""Forms are refused at registration when nothing installed can parse them."""

import sys
from types import ModuleType

import pytest

from fastapi import Form
from fastapi.dependencies import utils


def module(name: str, **names) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(names)
    return made


def parse_options_header(): ...


RIGHT = {"python_multipart": module("python_multipart", __version__="0.0.20")}
OLD = {
    "python_multipart": None,
    "multipart": module("multipart", __version__="0.0.9"),
    "multipart.multipart": module("multipart.multipart", parse_options_header=parse_options_header),
}
WRONG = {**OLD, "multipart.multipart": module("multipart.multipart")}
TOO_OLD = {**WRONG, "python_multipart": module("python_multipart", __version__="0.0.12")}
NOTHING = {"python_multipart": None, "multipart": None}


@pytest.mark.parametrize("modules", [RIGHT, OLD])
def test_a_package_that_parses_forms_is_accepted(monkeypatch, modules) -> None:
    for name, value in modules.items():
        monkeypatch.setitem(sys.modules, name, value)
    utils.ensure_multipart_is_installed()


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (WRONG, utils.multipart_incorrect_install_error),
        (TOO_OLD, utils.multipart_incorrect_install_error),
        (NOTHING, utils.multipart_not_installed_error),
    ],
)
def test_what_to_install_is_said_and_logged(monkeypatch, caplog, modules, message) -> None:
    for name, value in modules.items():
        monkeypatch.setitem(sys.modules, name, value)
    with pytest.raises(RuntimeError) as refusal:
        utils.analyze_param(param_name="x", annotation=str, value=Form(), is_path_param=False)
    assert str(refusal.value) == message
    assert caplog.messages == [message]
