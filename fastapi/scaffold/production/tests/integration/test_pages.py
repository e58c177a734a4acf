"""The documentation pages, and what is exempt for the sake of pages and probes."""

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from app.core.config import Settings
from tests.conftest import serve

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_is_made_of_files_of_this_service(path: str, client: httpx.AsyncClient) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert not re.search(r"https?://|<script>", page.text)
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) >= 3
    for file in named:
        assert (await client.get(file)).status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_a_page_names_the_document_below_its_root_path(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app, root_path='/behind"><script>')
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        page = (await client.get("/docs")).text
    assert 'data-document="/behind&quot;&gt;&lt;script&gt;/openapi.json"' in page


async def test_files_of_pages_are_not_counted(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(rate_limit_general="1 per minute")) as (client, _):
        for path in ("/static/documentation/swagger-ui/start.js", "/admin/static/js/form.js"):
            assert [(await client.get(path)).status_code for _ in range(3)] == [200] * 3
        assert [(await client.get("/docs")).status_code for _ in range(2)] == [200, 429]


async def test_probes_may_call_by_address(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(allowed_hosts="api.example.org")) as (client, _):
        for path, host, status in [
            ("/api/v1/health/live", "10.1.2.3:8000", 200),
            ("/api/v1/health/ready", "10.1.2.3:8000", 200),
            ("/docs", "10.1.2.3:8000", 400),
            ("/docs", "api.example.org", 200),
        ]:
            assert (await client.get(path, headers={"Host": host})).status_code == status
