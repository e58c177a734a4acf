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
    "fastapi.encoders": "ENCODERS_BY_TYPE encoders_by_class_tuples",
    "fastapi.openapi": "models",
    "fastapi.openapi.utils": "OpenAPI",
    "fastapi.params": "Example ParamsSchema",
    "fastapi.security": """
        APIKeyCookie APIKeyHeader APIKeyQuery HTTPAuthorizationCredentials HTTPBasic HTTPBasicCredentials HTTPBearer
        HTTPDigest OAuth2 OAuth2AuthorizationCodeBearer OAuth2PasswordBearer OAuth2PasswordRequestForm
        OAuth2PasswordRequestFormStrict OpenIdConnect SecurityScopes api_key http oauth2 open_id_connect_url""",
}


NOT_IMPORTED = """
fastapi._encoder_table fastapi.cli fastapi.openapi.example fastapi.openapi.models fastapi.params.schema
fastapi.plan.cors_middleware fastapi.plan.gzip_middleware fastapi.server
orjson ujson uvicorn yaml pydantic.color pydantic.networks
starlette.middleware.cors starlette.middleware.gzip starlette.templating starlette.testclient
""".split()
"""What ``import fastapi`` leaves for later, as most applications, or their first requests, do without."""


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


def test_importing_fastapi_imports_no_more_than_it_must() -> None:
    found = in_a_new_process(f"result = [name for name in {NOT_IMPORTED!r} if name in sys.modules]")
    assert found == []


@pytest.mark.parametrize("name", ["ujson", "orjson"])
def test_a_faster_encoder_is_imported_when_it_is_asked_for(name: str) -> None:
    pytest.importorskip(name)
    assert in_a_new_process(
        f"before = {name!r} in sys.modules\n"
        f"result = before, fastapi.responses.{name} is sys.modules[{name!r}], hasattr(fastapi.responses, 'json5')"
    ) == [False, True, False]


def test_a_response_with_a_faster_encoder_imports_it() -> None:
    pytest.importorskip("orjson")
    body = in_a_new_process("result = fastapi.responses.ORJSONResponse({'a': 1}).body.decode()")
    assert body == '{"a":1}'


def test_the_table_of_encoders_is_there_for_the_first_value() -> None:
    assert in_a_new_process(
        "from pydantic import AnyUrl\n"
        "from fastapi.encoders import jsonable_encoder\n"
        "result = jsonable_encoder(AnyUrl('http://a.example/')), list(fastapi.encoders.ENCODERS_BY_TYPE) != []"
    ) == ["http://a.example/", True]


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
