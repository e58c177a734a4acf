"""``fastapi new``: projects made from templates."""

import fnmatch
import hashlib
import json
import stat
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("typer")
from typer.testing import CliRunner, Result

from fastapi._version import VERSION
from fastapi.cli import command
from fastapi.cli import template as template_module
from fastapi.cli.new import LONGEST_NAME, PYTHONS
from fastapi.cli.template import FOLDER, load_templates, write

TEMPLATES = load_templates()
ROOT = FOLDER.parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, ["new", *arguments], prog_name="fastapi")


def made(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


# --- what is written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_project_is_the_tree_with_settings_and_a_stamp(template: str, folder: Path) -> None:
    result = new("shop", "--template", template, "--python", PYTHONS[-1])
    assert result.exit_code == 0, result.output
    assert "cd shop && make run" in result.output
    assert set(made(folder / "shop")) == {path for path, _ in TEMPLATES[template].files()} | {
        ".env",
        ".scaffold.json",
    }
    assert [path.name for path in folder.iterdir()] == ["shop"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_tree_is_what_the_repository_keeps(template: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
        cwd=FOLDER / template,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if listed.returncode:
        pytest.skip("not in a checkout")
    assert {path for path, _ in TEMPLATES[template].files()} == set(listed.stdout.split())


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_stamp_has_the_digest_of_each_file_and_no_secret(template: str, folder: Path) -> None:
    new("shop", "--template", template, "--python", "3.12")
    written = made(folder / "shop")
    stamp = json.loads(written.pop(".scaffold.json"))
    secrets = written.pop(".env")
    assert (stamp["template"], stamp["version"], stamp["python"]) == (template, VERSION, "3.12")
    assert stamp["files"] == {
        path: f"sha256:{hashlib.sha256(content).hexdigest()}" for path, content in written.items()
    }
    assert secrets != written[".env.example"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_secrets_are_fresh_in_each_project_and_for_their_owner(template: str, folder: Path) -> None:
    values = []
    for name in ("one", "two"):
        new(name, "--template", template, "--python", PYTHONS[-1])
        settings = folder / name / ".env"
        assert stat.S_IMODE(settings.stat().st_mode) == 0o600
        lines = [line.split("=", 1) for line in settings.read_text().splitlines() if "=" in line]
        values += [value for variable, value in lines if variable in TEMPLATES[template].secrets]
    assert len(set(values)) == len(values) == 2 * len(TEMPLATES[template].secrets) > 0
    assert all(len(value) >= 64 for value in values)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_the_manifest_names_every_place_of_a_text_and_no_other(template: template_module.Template) -> None:
    tree = dict(template.files())
    for replacement in template.replacements:
        have = {path for path, content in tree.items() if replacement.find.encode() in content}
        assert have, replacement.find
        assert all(replacement.is_for(path) for path in have), replacement.find
        assert all(any(fnmatch.fnmatchcase(path, one) for path in have) for one in replacement.files)
    for variable in template.secrets:
        assert f"\n{variable}=" in tree[".env.example"].decode()


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_nothing_of_the_template_is_left_in_a_project(template: template_module.Template) -> None:
    for path, content in template.render("other-name", "3.13").items():
        for replacement in template.replacements:
            assert path == ".scaffold.json" or replacement.find.encode() not in content, (path, replacement)


@pytest.mark.parametrize(
    ("name", "slug"), [("shop", "shop"), ("My_Shop2", "my-shop2"), ("a", "a"), ("a" * LONGEST_NAME, "a" * 40)]
)
def test_names_are_written_as_every_tool_takes_them(name: str, slug: str, folder: Path) -> None:
    assert new(name, "--template", "minimal").exit_code == 0
    assert f'name = "{slug}"' in (folder / name / "pyproject.toml").read_text()


@pytest.mark.parametrize("python", PYTHONS)
def test_the_python_is_the_one_asked_for(python: str, folder: Path) -> None:
    assert new("shop", "--template", "minimal", "--python", python).exit_code == 0
    assert f'requires-python = ">={python}"' in (folder / "shop/pyproject.toml").read_text()


def test_a_requirement_names_this_version(folder: Path) -> None:
    new("shop", "--template", "minimal")
    assert f"fastapi-rs>={VERSION}\n" in (folder / "shop/requirements.txt").read_text()


def test_the_pythons_are_those_that_the_package_is_for() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"Programming Language :: Python :: {python}"' in declared for python in PYTHONS)
    assert declared.count('"Programming Language :: Python :: 3.') == len(PYTHONS)


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", "1shop", "-shop", "_shop", "shop-", "a--b", "a b", "a/b", "../a", ".", "ünder", "a\n", "a" * 41],
)
def test_a_name_that_not_every_tool_takes_is_refused(name: str, folder: Path) -> None:
    result = new("--template", "minimal", "--", name)
    assert result.exit_code == 1
    assert "fastapi new my-service" in result.output
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["fastapi", "FastAPI", "fastapi_rs"])
def test_a_name_that_hides_the_framework_is_refused(name: str, folder: Path) -> None:
    result = new(name)
    assert result.exit_code == 1
    assert "Choose another name" in result.output
    assert not list(folder.iterdir())


@pytest.mark.parametrize("kind", ["folder", "file", "link", "dangling"])
def test_nothing_is_overwritten(kind: str, folder: Path) -> None:
    place = folder / "shop"
    if kind == "folder":
        place.mkdir()
        (place / "kept").write_text("mine")
    elif kind == "file":
        place.write_text("mine")
    else:
        if kind == "link":
            (folder / "elsewhere").mkdir()
        place.symlink_to(folder / "elsewhere")
    before = sorted(folder.rglob("*"))
    result = new("shop")
    assert result.exit_code == 1
    assert "nothing was written" in result.output
    assert sorted(folder.rglob("*")) == before


def test_an_empty_folder_is_filled(folder: Path) -> None:
    (folder / "shop").mkdir()
    assert new("shop", "--template", "minimal").exit_code == 0
    assert (folder / "shop/Makefile").is_file()


def test_a_python_that_is_too_old_for_the_template_is_refused_with_the_way_out(folder: Path) -> None:
    result = new("shop", "--template", "production", "--python", "3.10")
    assert result.exit_code == 1
    assert "--python 3.11" in " ".join(result.output.split())
    assert not list(folder.iterdir())


@pytest.mark.parametrize("option", [("--template", "other"), ("--python", "2.7")])
def test_what_is_not_offered_is_refused(option: tuple[str, str], folder: Path) -> None:
    assert new("shop", *option).exit_code == 2
    assert not list(folder.iterdir())


def test_a_failure_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    result = new("shop", "--template", "minimal")
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert not list(folder.iterdir())


def test_a_folder_filled_meanwhile_is_left_alone(folder: Path) -> None:
    (folder / "shop").mkdir()
    (folder / "shop/kept").write_text("mine")
    with pytest.raises(OSError, match="shop"):
        write({"a": b""}, folder / "shop")
    assert made(folder) == {"shop/kept": b"mine"}
