"""What is imported at its first use, and yet there from the start."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

import fastapi
from fastapi._public import on_demand

LATE = {
    "fastapi.exceptions": "RequestErrorModel WebSocketErrorModel",
    "fastapi.dependencies.models": "SecurityBase",
    "fastapi.openapi": "models",
    "fastapi.openapi.utils": "OpenAPI",
    "fastapi.security": """
        APIKeyCookie APIKeyHeader APIKeyQuery HTTPAuthorizationCredentials HTTPBasic HTTPBasicCredentials HTTPBearer
        HTTPDigest OAuth2 OAuth2AuthorizationCodeBearer OAuth2PasswordBearer OAuth2PasswordRequestForm
        OAuth2PasswordRequestFormStrict OpenIdConnect SecurityScopes api_key http oauth2 open_id_connect_url""",
}


def in_a_new_process(code: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", f"import fastapi, json, sys\n{code}\njson.dump(result, sys.stdout)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", LATE)
def test_a_late_name_is_an_attribute_of_its_module_as_soon_as_fastapi_is_imported(module: str) -> None:
    names = LATE[module].split()
    found, listed = in_a_new_process(
        f"names = {names!r}\nmodule = {module}\n"
        "listed = [name for name in names if name in dir(module)]\n"
        "result = [name for name in names if getattr(module, name, None) is not None], listed"
    )
    assert found == names
    assert listed == [name for name in names if name != "base"]


@pytest.mark.parametrize("module", ["fastapi.exceptions", "fastapi.security", "fastapi.openapi.utils"])
def test_a_star_takes_late_names_too(module: str) -> None:
    names = LATE[module].split()
    found = in_a_new_process(
        f"from {module} import *\nresult = [name for name in {names!r} if name in globals()]"
    )
    assert [name for name in found if name[0].isupper()] == [name for name in names if name[0].isupper()]


def test_importing_fastapi_makes_no_model() -> None:
    assert (
        in_a_new_process(
            "from pydantic import BaseModel\n"
            "result = [c.__name__ for c in BaseModel.__subclasses__() if c.__module__.startswith('fastapi')]"
        )
        == []
    )


@pytest.mark.parametrize(
    ("module", "name", "home"),
    [
        ("fastapi.exceptions", "RequestErrorModel", "fastapi.exceptions"),
        ("fastapi.openapi.models", "Example", "fastapi.openapi.models"),
        ("fastapi.params", "Example", "fastapi.openapi.models"),
        ("fastapi.security", "SecurityScopes", "fastapi.security.oauth2"),
        ("fastapi.security", "HTTPBearer", "fastapi.security.http"),
    ],
)
def test_a_late_class_says_that_its_home_is_where_applications_find_it(
    module: str, name: str, home: str
) -> None:
    assert getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name).__module__ == home


def test_a_security_scheme_is_known_wherever_it_was_imported_from() -> None:
    assert in_a_new_process(
        "from fastapi.dependencies.utils import get_dependant\n"
        "def plain(): ...\n"
        "before = get_dependant(path='/', call=plain)._is_security_scheme\n"
        "scheme = fastapi.security.HTTPBearer()\n"
        "result = before, get_dependant(path='/', call=scheme)._is_security_scheme"
    ) == [False, True]


def test_an_unknown_name_is_reported_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'fastapi.security' has no attribute 'HTTPBear'$"):
        _ = fastapi.security.HTTPBear  # type: ignore[attr-defined]


def test_threads_that_ask_at_once_get_one_object() -> None:
    namespace: dict[str, Any] = {"__name__": "late"}
    find = on_demand(namespace, {"json.tool": "main"})
    at_once = Barrier(4)

    def ask(_: int) -> Any:
        at_once.wait(10)
        return find("main")

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1
    assert namespace["main"] is find("main")


def test_what_somebody_put_in_place_of_a_late_name_stays() -> None:
    namespace: dict[str, Any] = {"__name__": "late", "main": "theirs"}
    assert on_demand(namespace, {"json.tool": "main"})("main") == "theirs"
