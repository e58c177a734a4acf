"""Names that other packages import from where FastAPI's modules happen to have them."""

import importlib

import pytest

BORROWED = {
    "fastapi.dependencies.utils": """
        BaseModel FieldInfo FormData Headers HTTPConnection ImmutableMultiDict ModelField QueryParams Request
        RequiredParam Response SecurityScopes StarletteBackgroundTasks Undefined UploadFile WebSocket
        copy_field_info create_body_model create_model_field evaluate_forwardref field_annotation_is_scalar
        get_cached_model_fields get_missing_field_error is_bytes_field is_bytes_sequence_field is_scalar_field
        is_scalar_sequence_field is_sequence_field lenient_issubclass run_in_threadpool sequence_types
        serialize_sequence_value value_is_sequence""",
    "fastapi.openapi.utils": """
        DefaultPlaceholder JSONResponse ParamTypes REF_PREFIX Response Undefined get_validation_alias
        is_body_allowed_for_status_code jsonable_encoder lenient_issubclass""",
    "fastapi.params": "AliasChoices AliasPath Example FieldInfo Undefined",
    "fastapi.routing": """
        ASGIApp BaseRoute Default DefaultPlaceholder Dependant EndpointContext FastAPIError HTTPException JSONResponse
        Lifespan Match ModelField Mount Receive Request RequestValidationError Response ResponseValidationError Scope
        Send WebSocket WebSocketRequestValidationError compile_path create_cloned_field create_model_field
        generate_unique_id get_body_field get_dependant get_flat_dependant get_name get_parameterless_sub_dependant
        get_typed_return_annotation get_value_or_default is_body_allowed_for_status_code jsonable_encoder
        lenient_issubclass params run_in_threadpool solve_dependencies wrap_app_handling_exceptions""",
}


@pytest.mark.parametrize("module", BORROWED)
def test_borrowed_names_are_where_other_packages_find_them(module: str) -> None:
    assert [
        name for name in BORROWED[module].split() if not hasattr(importlib.import_module(module), name)
    ] == []
