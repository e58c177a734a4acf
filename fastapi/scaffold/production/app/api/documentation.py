"""The documentation pages, from this service alone: their scripts are files of it, and none is in the page."""

import pathlib
from html import escape

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

FILES = pathlib.Path(__file__).parents[1] / "static"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{static}/swagger-ui/favicon-32x32.png">
{head}
</head>
<body>
<div id="page"></div>
{body}
</body>
</html>
"""
_STYLE = '<link rel="stylesheet" href="{static}/swagger-ui/swagger-ui.css">'
_SCRIPTS = """<script src="{static}/{bundle}"></script>
<script src="{static}/{start}" data-document="{document}"></script>"""


def add_documentation(app: FastAPI) -> None:
    """Put Swagger UI under ``/docs``, Redoc under ``/redoc`` and their files under ``/static``.

    Args:
        app: the application, made with ``docs_url=None`` and ``redoc_url=None``.
    """

    def page(request: Request, head: str, bundle: str, start: str) -> HTMLResponse:
        root = escape(request.scope.get("root_path", "").rstrip("/"))
        names = {
            "static": f"{root}/static/documentation",
            "document": f"{root}{app.openapi_url}",
            "bundle": bundle,
            "start": start,
        }
        filled = {"title": escape(app.title), "head": head.format(**names), "body": _SCRIPTS.format(**names)}
        return HTMLResponse(_PAGE.format(**names, **filled))

    async def swagger_ui(request: Request) -> HTMLResponse:
        return page(request, _STYLE, "swagger-ui/swagger-ui-bundle.js", "swagger-ui/start.js")

    async def redoc(request: Request) -> HTMLResponse:
        return page(request, "", "redoc/redoc.standalone.js", "redoc/start.js")

    app.add_route("/docs", swagger_ui, include_in_schema=False)
    app.add_route("/redoc", redoc, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FILES), name="static")
