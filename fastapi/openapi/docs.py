"""The pages that show an OpenAPI document: Swagger UI and ReDoc."""

import json
from textwrap import indent
from typing import Any

from starlette.responses import HTMLResponse

from fastapi.encoders import jsonable_encoder
from fastapi.openapi.oauth2_redirect import PAGE as _OAUTH2_REDIRECT

swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
"""Parameters of ``SwaggerUIBundle`` that every page starts from."""

_MARGIN = "    "
_FAVICON = "https://fastapi.tiangolo.com/img/favicon.png"


def _lines(*lines: str, end: str = "\n" + _MARGIN) -> str:
    """Set lines off by a margin; the odd white space around them is on the wire, so it is kept."""
    return "".join(f"\n{_MARGIN}{line}" for line in lines) + end


def _script_value(value: Any) -> str:
    return json.dumps(jsonable_encoder(value))


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
    swagger_css_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css",
    swagger_favicon_url: str = _FAVICON,
    oauth2_redirect_url: str | None = None,
    init_oauth: dict[str, Any] | None = None,
    swagger_ui_parameters: dict[str, Any] | None = None,
) -> HTMLResponse:
    """Make the page that shows a document in Swagger UI.

    Nothing is escaped: the arguments are the application's own, not a client's.

    Args:
        openapi_url: where the browser finds the document.
        title: of the page.
        swagger_js_url, swagger_css_url, swagger_favicon_url: what the page loads.
        oauth2_redirect_url: where logins come back to, a path on the same host.
        init_oauth: what Swagger UI's ``initOAuth`` is called with.
        swagger_ui_parameters: more parameters of ``SwaggerUIBundle``, or other values for
            ``swagger_ui_default_parameters``; anything that can be JSON.
    """
    page = _lines(
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        f'<link type="text/css" rel="stylesheet" href="{swagger_css_url}">',
        f'<link rel="shortcut icon" href="{swagger_favicon_url}">',
        f"<title>{title}</title>",
        "</head>",
        "<body>",
        '<div id="swagger-ui">',
        "</div>",
        f'<script src="{swagger_js_url}"></script>',
        "<!-- `SwaggerUIBundle` is now available on the page -->",
        "<script>",
        "const ui = SwaggerUIBundle({",
        f"    url: '{openapi_url}',",
    )
    parameters = swagger_ui_default_parameters | (swagger_ui_parameters or {})
    for name, value in parameters.items():
        page += f"{json.dumps(name)}: {_script_value(value)},\n"
    if oauth2_redirect_url:
        page += f"oauth2RedirectUrl: window.location.origin + '{oauth2_redirect_url}',"
    page += _lines(
        "presets: [",
        "    SwaggerUIBundle.presets.apis,",
        "    SwaggerUIBundle.SwaggerUIStandalonePreset",
        "    ],",
        "})",
        end="",
    )
    if init_oauth:
        page += f"\n        ui.initOAuth({_script_value(init_oauth)})\n        "
    return HTMLResponse(page + _lines("</script>", "</body>", "</html>"))


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js",
    redoc_favicon_url: str = _FAVICON,
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """Make the page that shows a document in ReDoc.

    Nothing is escaped: the arguments are the application's own, not a client's.

    Args:
        openapi_url: where the browser finds the document.
        title: of the page.
        redoc_js_url, redoc_favicon_url: what the page loads.
        with_google_fonts: whether it loads ReDoc's fonts from Google.
    """
    page = _lines(
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        f"<title>{title}</title>",
        "<!-- needed for adaptive design -->",
        '<meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
    )
    if with_google_fonts:
        fonts = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"
        page += _lines(f'<link href="{fonts}" rel="stylesheet">')
    page += _lines(
        f'<link rel="shortcut icon" href="{redoc_favicon_url}">',
        "<!--",
        "ReDoc doesn't change outer page styles",
        "-->",
        "<style>",
        "  body {",
        "    margin: 0;",
        "    padding: 0;",
        "  }",
        "</style>",
        "</head>",
        "<body>",
        "<noscript>",
        "    ReDoc requires Javascript to function. Please enable it to browse the documentation.",
        "</noscript>",
        f'<redoc spec-url="{openapi_url}"></redoc>',
        f'<script src="{redoc_js_url}"> </script>',
        "</body>",
        "</html>",
    )
    return HTMLResponse(page)


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """Make the page that a login started in Swagger UI comes back to."""
    return HTMLResponse("\n" + indent(_OAUTH2_REDIRECT, _MARGIN) + 2 * _MARGIN)
