"""The documentation pages, byte for byte those of FastAPI 0.128.0: the digests are of its answers."""

import hashlib
from typing import Any

import pytest
from starlette.responses import HTMLResponse

from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
    swagger_ui_default_parameters,
)

OWN: dict[str, Any] = {"openapi_url": "/openapi.json", "title": "Shop"}

SWAGGER_WITH_EVERYTHING = get_swagger_ui_html(
    **OWN,
    swagger_js_url="/a.js",
    swagger_css_url="/a.css",
    swagger_favicon_url="/a.png",
    oauth2_redirect_url="/back",
    init_oauth={"clientId": "é", "scopes": {1}},
    swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}, "dom_id": None},
)
REDOC_WITHOUT_FONTS = get_redoc_html(
    **OWN, redoc_js_url="/a.js", redoc_favicon_url="/a.png", with_google_fonts=False
)


@pytest.mark.parametrize(
    ("page", "digest"),
    [
        (get_swagger_ui_html(**OWN), "f71d4d4364554ad105a8423f2dae6410d09ac5c64eb6fb6e69c5433324c389bb"),
        (SWAGGER_WITH_EVERYTHING, "03cb20db842770e5e0b10a2c05880bb8efb5051e2cc6fb31a269712158abe8e3"),
        (get_redoc_html(**OWN), "ffe5f11ef048b717c869014c1c2ad61fa4b7c5abb2a37f6dbc7fcf9c86d91e88"),
        (REDOC_WITHOUT_FONTS, "beebda6741c0c2d95218754702ef6b75483e8bfb268bb58102bc15e2aa7c6909"),
        (
            get_swagger_ui_oauth2_redirect_html(),
            "f45d60bb9f054b1712b3f9e60547eb9e1d523afd6472a4137b89eb503b37f058",
        ),
    ],
)
def test_a_page_has_exactly_the_expected_bytes(page: HTMLResponse, digest: str) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert hashlib.sha256(page.body).hexdigest() == digest


def test_parameters_of_a_page_leave_the_defaults_alone() -> None:
    before = dict(swagger_ui_default_parameters)
    get_swagger_ui_html(**OWN, swagger_ui_parameters={"deepLinking": False, "more": 1})
    assert swagger_ui_default_parameters == before


def test_text_from_the_application_is_not_indented() -> None:
    assert b"<title>two\nlines</title>" in get_redoc_html(openapi_url="/o", title="two\nlines").body
