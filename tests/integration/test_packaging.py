"""The two wheels, installed as users install them, beside a package from the index that requires ``fastapi``."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

from fastapi._version import API_LEVEL, VERSION
from fastapi.cli.new import PYTHONS
from fastapi.cli.template import load_templates

pytestmark = pytest.mark.packaging

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPENDENT = "fastapi-pagination==0.15.0"  # small; requires fastapi>=0.93 and asks for nothing newer
OURS = (f"fastapi-rs=={VERSION}", f"fastapi=={API_LEVEL}+rs")
USE = """
    import importlib.metadata
    import sys

    import fastapi
    import fastapi._rust
    import fastapi_pagination
    from fastapi.testclient import TestClient

    app = fastapi.FastAPI()


    @app.get("/numbers")
    async def numbers() -> fastapi_pagination.Page[int]:
        return fastapi_pagination.paginate(range(100))


    fastapi_pagination.add_pagination(app)
    print(importlib.metadata.version("fastapi"), importlib.metadata.version("fastapi-rs"))
    print(fastapi.__file__.startswith(sys.prefix), "fastapi._fastapi_rust" in sys.modules)
    print(TestClient(app).get("/numbers", params={"page": 2, "size": 3}).text)
"""
USED = f"""\
{API_LEVEL}+rs {VERSION}
True True
{{"items":[3,4,5],"total":100,"page":2,"size":3,"pages":34}}
"""


def run(*command: str | pathlib.Path, cwd: pathlib.Path | None = None) -> str:
    """Run a command in an environment that leads to no checkout; return what it prints."""
    hidden = ("PYTHONPATH", "FASTAPI_RS_PURE", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    done = subprocess.run(
        command, cwd=cwd or "/", env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with what ``make wheels`` builds: both wheels and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run("make", "wheels", f"PYTHON={sys.executable}", f"DIST={folder}", cwd=ROOT)
    return folder


class Place:
    """A fresh virtual environment, and pip or uv to install into it."""

    def __init__(self, folder: pathlib.Path, dist: pathlib.Path, tool: str) -> None:
        self.dist = dist
        self.tool = tool
        self.uv = (sys.executable, "-m", "uv")
        self.python = folder / "venv/bin/python"
        if tool == "uv":
            run(*self.uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
        else:
            run(sys.executable, "-m", "venv", folder / "venv")

    def command(self, verb: str, *rest: str | pathlib.Path) -> str:
        """Run ``pip VERB`` or ``uv pip VERB`` on this environment."""
        if self.tool == "uv":
            return run(*self.uv, "pip", verb, "--python", self.python, *rest)
        return run(self.python, "-m", "pip", verb, *rest)

    def install(self, *requirements: str) -> None:
        """Install ``requirements``, with both wheels to be had beside what the index has."""
        self.command("install", "--quiet", "--find-links", self.dist, *requirements)

    def install_from_index(self, *requirements: str) -> None:
        """Install ``requirements`` where the wheels are not to be had: the companion satisfies ``==0.128.0``."""
        self.command("install", "--quiet", *requirements)

    def uninstall(self, *names: str) -> None:
        """Remove distributions."""
        self.command("uninstall", *(["--yes"] if self.tool == "pip" else []), *names)

    def says(self, script: str) -> str:
        """What ``script`` prints in this environment."""
        return run(self.python, "-c", textwrap.dedent(script))


@pytest.fixture(params=["pip", "uv"])
def place(request: pytest.FixtureRequest, tmp_path: pathlib.Path, dist: pathlib.Path) -> Place:
    return Place(tmp_path, dist, request.param)


def test_a_new_project_gets_this_package_where_a_dependent_requires_fastapi(place: Place) -> None:
    place.install(*OURS)
    place.install(DEPENDENT, "httpx")
    assert place.says(USE) == USED
    place.command("check")


def test_an_existing_project_is_swapped(place: Place) -> None:
    place.install_from_index(f"fastapi=={API_LEVEL}", DEPENDENT, "httpx")
    place.uninstall("fastapi")
    place.install(*OURS)
    assert place.says(USE) == USED
    place.command("check")


@pytest.mark.parametrize("last", ["fastapi", "fastapi-rs"])
def test_files_of_both_in_one_folder_are_refused_and_mended_as_told(place: Place, last: str) -> None:
    if last == "fastapi-rs":
        place.install_from_index(f"fastapi=={API_LEVEL}")
    place.install(f"fastapi-rs=={VERSION}")
    if last == "fastapi":
        place.install_from_index(f"fastapi=={API_LEVEL}")
    refused = place.says("""
        for module in ("fastapi", "fastapi.routing", "fastapi.responses"):
            try:
                __import__(module)
            except ImportError as error:
                print(error)
    """)
    assert refused.count(f"fastapi {API_LEVEL} and fastapi-rs {VERSION}") == 3
    tool = ["uv", "pip"] if place.tool == "uv" else ["pip"]
    told = [line.split() for line in refused.splitlines()[:6] if line.split()[: len(tool)] == tool]
    assert [words[len(tool)] for words in told] == ["uninstall", "install"]
    for words in told:
        verb, *rest = words[len(tool) :]
        place.command(verb, *(["--find-links", str(place.dist)] if verb == "install" else []), *rest)
    assert place.says("import fastapi; print(fastapi.FastAPI().version)") == "0.1.0\n"


def test_a_uv_project_is_swapped_by_a_constraint(tmp_path: pathlib.Path, dist: pathlib.Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(f"""
[project]
name = "bookshop"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = ["fastapi>=0.100,<0.129", "{DEPENDENT}", "httpx"]
""")
    uv = (sys.executable, "-m", "uv")
    run(*uv, "sync", "--quiet", "--python", sys.executable, cwd=tmp_path)
    with project.open("a") as more:
        more.write(f"""
[tool.uv]
constraint-dependencies = ["fastapi=={API_LEVEL}+rs"]
find-links = ["{dist}"]
""")
    run(*uv, "sync", "--quiet", "--python", sys.executable, cwd=tmp_path)
    (tmp_path / "use.py").write_text(textwrap.dedent(USE))
    assert run(*uv, "run", "--quiet", "use.py", cwd=tmp_path) == USED


def test_an_installed_wheel_makes_projects_that_pass_their_tests(
    tmp_path: pathlib.Path, dist: pathlib.Path
) -> None:
    place = Place(tmp_path, dist, "uv")
    place.install(f"fastapi-rs=={VERSION}", "httpx", "pydantic-settings", "pytest", "typer")
    tools = place.python.parent
    for template in load_templates().values():
        project = (template.name, "--template", template.name, "--python", PYTHONS[-1])
        run(tools / "fastapi", "new", *project, cwd=tmp_path)
        made = {file for file in (tmp_path / template.name).rglob("*") if file.is_file()}
        assert len(made) == len([*template.files()]) + 2
    assert "passed" in run("make", "test", f"BIN={tools}", cwd=tmp_path / "minimal")


def test_the_companion_wheel_holds_no_module(dist: pathlib.Path) -> None:
    (wheel,) = dist.glob("fastapi-*.whl")
    names = run(sys.executable, "-m", "zipfile", "--list", wheel)
    assert ".py" not in names
