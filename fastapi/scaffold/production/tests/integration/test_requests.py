"""Requests to other services go to public addresses only."""

import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exceptions.custom_exceptions import AppError
from app.services.request_service import MAX_BYTES, RequestService, is_public, resolve
from app.services.resources import Resources
from app.utils.circuit_breaker import CircuitOpen
from tests.people import Person

pytestmark = pytest.mark.anyio
PUBLIC = "93.184.216.34"
NAMES = {
    "good.example": [PUBLIC],
    "inside.example": ["10.0.0.1"],
    "both.example": [PUBLIC, "127.0.0.1"],
    "none.example": [],
}


async def names(host: str, port: int) -> list[str]:
    if host in NAMES:
        return NAMES[host]
    if host.replace(".", "").isdigit() or ":" in host:
        return [host]
    raise socket.gaierror


class Servers:
    """What answers in place of the network; remembers who was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.failures = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path == "/flaky" and len(self.asked) <= self.failures:
            return httpx.Response(503)
        if path == "/broken":
            raise httpx.ConnectError("refused")
        if path == "/large":
            return httpx.Response(200, content=b"x" * (MAX_BYTES + 1))
        if path == "/loop":
            return httpx.Response(302, headers={"Location": "/loop"})
        if path == "/inside":
            return httpx.Response(302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
        if path == "/away":
            return httpx.Response(302, headers={"Location": "https://good.example/"})
        return httpx.Response(200, text="hello", headers={"Content-Type": "text/plain"})


@pytest.fixture
def servers() -> Servers:
    return Servers()


@pytest.fixture
async def service(servers: Servers) -> AsyncIterator[RequestService]:
    service = RequestService(httpx.MockTransport(servers), names)
    yield service
    await service.close()


async def test_the_checked_address_is_the_one_that_is_asked(
    service: RequestService, servers: Servers
) -> None:
    answer = await service.fetch("https://good.example/x")
    assert (answer.status, answer.body) == (200, b"hello")
    (request,) = servers.asked
    assert request.url.host == PUBLIC
    assert request.headers["host"] == "good.example"
    assert request.extensions["sni_hostname"] == "good.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/",
        "http://both.example/",
        "http://none.example/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/",
        "http://user:password@good.example/",
        "file:///etc/passwd",
        "ftp://good.example/",
        "good.example",
        "http://good.example/inside",
        "",
    ],
)
async def test_other_addresses_are_refused(service: RequestService, url: str) -> None:
    with pytest.raises(AppError) as caught:
        await service.fetch(url)
    assert caught.value.code == "forbidden_address"


async def test_redirects_are_followed_but_not_for_ever(service: RequestService) -> None:
    assert (await service.fetch("http://good.example/away")).url == "https://good.example/"
    with pytest.raises(AppError, match="redirects"):
        await service.fetch("http://good.example/loop")
    with pytest.raises(AppError, match="large"):
        await service.fetch("http://good.example/large")


async def test_what_may_pass_is_tried_again_and_what_does_not_is_left_alone(
    service: RequestService, servers: Servers
) -> None:
    servers.failures = 2
    assert (await service.fetch("http://good.example/flaky")).status == 200
    assert len(servers.asked) == 3
    with pytest.raises(AppError, match="no usable"):
        await service.fetch("http://good.example/broken")
    with pytest.raises(CircuitOpen):
        await service.fetch("http://good.example/broken")
    asked = len(servers.asked)
    with pytest.raises(CircuitOpen):
        await service.fetch("http://good.example/")
    assert len(servers.asked) == asked
    with pytest.raises(AppError, match="no usable"):
        await service.fetch("http://unknown.example/")


async def test_breakers_do_not_pile_up(service: RequestService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.request_service.MAX_HOSTS", 2)
    for last in range(1, 6):
        await service.fetch(f"http://93.184.216.{last}/")
    assert len(service.breakers) == 2


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1::1", True),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("192.0.2.1", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("nonsense", False),
    ],
)
def test_public_is_what_everyone_reaches(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_wrapping_makes_a_private_address_public(address: object) -> None:
    assert not is_public(f"::ffff:{address}")


async def test_names_are_resolved() -> None:
    assert "127.0.0.1" in await resolve("127.0.0.1", 80)


async def test_administrators_fetch_through_the_interface(
    client: httpx.AsyncClient, resources: Resources, service: RequestService, admin: Person
) -> None:
    resources.requests, own = service, resources.requests
    await own.close()
    for url, status in [
        ("http://good.example/", 200),
        ("http://127.0.0.1/", 422),
        ("http://x.example/", 502),
    ]:
        answer = await client.get("/api/v1/fetch", params={"url": url}, headers=admin.headers)
        assert answer.status_code == status, answer.text
