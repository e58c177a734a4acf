"""The OpenAPI document as a whole, and the functions that libraries call to make parts of it."""

import types
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from fastapi import APIRouter, Depends, FastAPI, Response, Security
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.openapi import utils
from fastapi.openapi.utils import get_fields_from_routes, get_openapi, get_openapi_path
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

MINIMAL: dict[str, Any] = {"title": "Shop", "version": "1.0", "routes": []}


class Item(BaseModel):
    price: Decimal = Decimal(1)


def endpoint() -> Response: ...  # type: ignore[empty-body]


def operation(**options: Any) -> dict[str, Any]:
    app = FastAPI()
    app.add_api_route("/", options.pop("endpoint", endpoint), **options)
    described: dict[str, Any] = app.openapi()["paths"]["/"]["get"]
    return described


def test_a_document_has_the_least_that_it_needs() -> None:
    assert get_openapi(**MINIMAL) == {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1.0"},
        "paths": {},
    }


def test_a_document_says_all_that_it_is_given_in_the_order_of_the_specification() -> None:
    document = get_openapi(
        **MINIMAL,
        openapi_version="3.1.1",
        summary="s",
        description="d",
        terms_of_service="https://example.com/terms",
        contact={"name": "n", "x-room": 3},
        license_info={"name": "MIT"},
        tags=[{"name": "t"}],
        servers=[{"url": "https://example.com"}],
        external_docs={"url": "https://example.com/docs"},
        webhooks=[APIRoute("hook", endpoint, methods=["POST"])],
    )
    assert list(document) == ["openapi", "info", "servers", "paths", "webhooks", "tags", "externalDocs"]
    assert list(document["info"]) == [
        "title",
        "summary",
        "description",
        "termsOfService",
        "contact",
        "license",
        "version",
    ]
    assert document["openapi"] == "3.1.1"
    assert document["info"]["contact"] == {"name": "n", "x-room": 3}
    assert list(document["webhooks"]["hook"]) == ["post"]


@pytest.mark.parametrize(
    "part", [{"contact": {"url": "nowhere"}}, {"license_info": {"x": 1}}, {"tags": [{}]}, {"servers": [{}]}]
)
def test_a_part_that_openapi_does_not_allow_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        get_openapi(**MINIMAL, **part)


def test_routes_of_one_path_share_an_entry_and_hidden_ones_and_other_kinds_have_none() -> None:
    app = FastAPI(openapi_url=None)
    app.get("/a", name="read")(endpoint)
    app.put("/a", name="write")(endpoint)
    app.get("/hidden", include_in_schema=False)(endpoint)
    app.add_route("/plain", endpoint)
    paths = get_openapi(title="t", version="1", routes=app.routes)["paths"]
    assert {path: list(operations) for path, operations in paths.items()} == {"/a": ["get", "put"]}


def test_an_operation_says_what_the_route_was_declared_with() -> None:
    described = operation(tags=["a"], summary="S", description="D", deprecated=True, operation_id="own")
    described.pop("responses")
    assert described == {
        "tags": ["a"],
        "summary": "S",
        "description": "D",
        "operationId": "own",
        "deprecated": True,
    }


def test_without_declarations_an_operation_is_named_after_its_function() -> None:
    described = operation(name="read_one_item")
    assert described["summary"] == "Read One Item"
    assert described["operationId"] == "read_one_item__get"


def test_a_second_use_of_an_operation_id_warns_and_names_function_and_file() -> None:
    app = FastAPI()
    app.get("/a", operation_id="twice")(endpoint)
    app.get("/b", operation_id="twice")(endpoint)
    with pytest.warns(
        UserWarning, match="Duplicate Operation ID twice for function endpoint at .*test_document.py$"
    ):
        app.openapi()


def test_a_function_of_no_file_is_named_without_one() -> None:
    homeless = types.FunctionType(endpoint.__code__, {}, "homeless")
    app = FastAPI()
    app.get("/a", operation_id="twice")(homeless)
    app.get("/b", operation_id="twice")(homeless)
    with pytest.warns(UserWarning, match="Duplicate Operation ID twice for function homeless$"):
        app.openapi()


def test_extra_parts_of_an_operation_are_merged_into_it_and_leave_others_alone() -> None:
    app = FastAPI()
    extra = {"tags": ["more"], "x-own": 1, "responses": {"422": {"description": "Broken"}}}

    @app.get("/extra", tags=["a"], openapi_extra=extra)
    def with_extra(q: int) -> None: ...

    @app.get("/other")
    def other(q: int) -> None: ...

    paths = app.openapi()["paths"]
    assert paths["/extra"]["get"]["tags"] == ["a", "more"]
    assert paths["/extra"]["get"]["x-own"] == 1
    assert paths["/extra"]["get"]["responses"]["422"]["description"] == "Broken"
    assert paths["/other"]["get"]["responses"]["422"]["description"] == "Validation Error"


@pytest.mark.parametrize(
    ("declared", "shown"),
    [({}, True), ({404: {}}, True), ({422: {}}, False), ({"4XX": {}}, False), ({"default": {}}, False)],
)
def test_a_validation_error_is_shown_where_something_is_validated_and_nothing_else_covers_it(
    declared: dict[int | str, Any], shown: bool
) -> None:
    app = FastAPI()

    @app.get("/", responses=declared)
    def read(q: int) -> None: ...

    document = app.openapi()
    content = document["paths"]["/"]["get"]["responses"].get("422", {}).get("content")
    assert bool(content) is shown
    assert ("HTTPValidationError" in document.get("components", {}).get("schemas", {})) is shown


def test_an_operation_that_takes_nothing_shows_no_validation_error() -> None:
    assert list(operation()["responses"]) == ["200"]


@pytest.mark.parametrize(("separate", "names"), [(True, ["Item-Input", "Item-Output"]), (False, ["Item"])])
def test_a_model_has_one_schema_for_each_direction_if_they_are_kept_apart(
    separate: bool, names: list[str]
) -> None:
    app = FastAPI(separate_input_output_schemas=separate)

    @app.post("/")
    def create(item: Item) -> Item: ...  # type: ignore[empty-body]

    schemas = app.openapi()["components"]["schemas"]
    assert [name for name in schemas if name.startswith("Item")] == names
    assert list(schemas) == sorted(schemas)


def test_callbacks_are_shown_by_name_and_their_models_among_the_schemas() -> None:
    invoices = APIRouter()

    @invoices.post("{$callback_url}/paid")
    def paid(item: Item) -> None: ...

    @invoices.websocket("/none")
    async def none(websocket: Any) -> None: ...

    app = FastAPI()
    app.get("/", callbacks=invoices.routes)(endpoint)
    document = app.openapi()
    assert list(document["paths"]["/"]["get"]["callbacks"]) == ["paid"]
    assert list(document["paths"]["/"]["get"]["callbacks"]["paid"]) == ["{$callback_url}/paid"]
    assert "Item" in document["components"]["schemas"]


def test_security_schemes_are_shown_once_and_with_all_scopes_that_an_operation_requires() -> None:
    tokens = OAuth2PasswordBearer("token", scopes={"read": "r", "write": "w"})
    key = APIKeyHeader(name="x-key")

    def user(token: Annotated[str, Security(tokens, scopes=["read"])]) -> str:
        return token

    def secured(
        a: Annotated[str, Security(user, scopes=["write", "read"])],
        b: Annotated[str, Security(tokens, scopes=["write"])],
        c: Annotated[str, Depends(key)],
    ) -> None: ...

    app = FastAPI()
    app.get("/")(secured)
    document = app.openapi()
    assert document["paths"]["/"]["get"]["security"] == [
        {"OAuth2PasswordBearer": ["write", "read"]},
        {"APIKeyHeader": []},
    ]
    assert document["components"]["securitySchemes"] == {
        "OAuth2PasswordBearer": {
            "type": "oauth2",
            "flows": {"password": {"scopes": {"read": "r", "write": "w"}, "tokenUrl": "token"}},
        },
        "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "x-key"},
    }


def test_fields_are_collected_from_callbacks_bodies_responses_and_parameters_in_this_order() -> None:
    callback = APIRouter()

    @callback.post("/callback")
    def called(event: Item) -> None: ...

    router = APIRouter()

    @router.post("/{path}", callbacks=callback.routes, responses={404: {"model": Item}})
    def create(path: int, body: Item, query: str = "") -> Item: ...  # type: ignore[empty-body]

    fields = get_fields_from_routes(router.routes)
    assert [field.name for field in fields] == [
        "event",
        "body",
        "Response_create__path__post",
        "Response_404_create__path__post",
        "path",
        "query",
    ]


def test_a_hidden_route_has_no_part_in_a_document() -> None:
    route = APIRoute("/", endpoint, include_in_schema=False)
    parts = get_openapi_path(route=route, operation_ids=set(), model_name_map={}, field_mapping={})
    assert parts == ({}, {}, {})
    assert get_fields_from_routes([route]) == []


@pytest.mark.parametrize(("operation_id", "expected"), [("own", "own"), (None, "endpoint_a__b__put")])
@pytest.mark.filterwarnings("ignore:fastapi.utils.generate_operation_id_for_path")
def test_the_old_way_to_make_an_operation_id_still_works_but_warns(
    operation_id: str | None, expected: str
) -> None:
    route = APIRoute("/a/{b}", endpoint, operation_id=operation_id)
    with pytest.warns(FastAPIDeprecationWarning, match=r"generate_operation_id\(\) was deprecated") as caught:
        assert utils.generate_operation_id(route=route, method="PUT") == expected
    assert caught[0].filename == __file__
