"""Reading a request's body into what the parameters are taken from."""

import json
from contextlib import AsyncExitStack
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from fastapi import params
from fastapi._compat import ModelField
from fastapi.exceptions import EndpointContext, RequestValidationError
from fastapi.utils import is_json_content_type


async def read_body(
    request: Request, body_field: ModelField, file_stack: AsyncExitStack, endpoint_ctx: EndpointContext
) -> Any:
    """Return the form, the JSON value, the raw bytes of another content type, or ``None`` if empty.

    Uploaded files are closed when ``file_stack`` unwinds.

    Raises:
        RequestValidationError: the body says that it is JSON and is not.
        HTTPException: 400 when it cannot be read or parsed for another reason.
    """
    try:
        if isinstance(body_field.field_info, params.Form):
            form = await request.form()
            file_stack.push_async_callback(form.close)
            return form
        body = await request.body()
        if not body:
            return None
        if is_json_content_type(request.headers.get("content-type")):
            return await request.json()
        return body
    except json.JSONDecodeError as error:
        detail = {
            "type": "json_invalid",
            "loc": ("body", error.pos),
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": error.msg},
        }
        raise RequestValidationError([detail], body=error.doc, endpoint_ctx=endpoint_ctx) from error
    except HTTPException:
        raise
    except Exception as error:
        raise HTTPException(status_code=400, detail="There was an error parsing the body") from error
