"""The scenarios: what is asked, what must come back, and the ratio that is aimed at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]
BOUNDARY = "----benchmark-boundary"
PERSON = {
    "name": "Ada Lovelace",
    "age": 36,
    "email": "ada@example.com",
    "tags": ["mathematics", "engines"],
    "address": {"street": "12 St James's Square", "city": "London", "postcode": "12345"},
}
PRODUCTS = [
    {
        "id": n,
        "name": f"product {n}",
        "tags": ["new", "blue"],
        "price": {"amount": n + 0.5, "currency": "EUR"},
    }
    for n in range(100)
]
INT_ERRORS = [
    {
        "type": "int_parsing",
        "loc": ["path", "item_id"],
        "msg": "Input should be a valid integer, unable to parse string as an integer",
        "input": "forty",
    },
    {
        "type": "greater_than_equal",
        "loc": ["query", "limit"],
        "msg": "Input should be greater than or equal to 1",
        "input": "0",
        "ctx": {"ge": 1},
    },
]

DECLARED = {"item_id": 42, "q": "abc", "limit": 20, "order": "age", "x_token": "secret"}
TWIN_GOAL = 0.98
"""A scenario should cost no more than its twin divided by this, at the same door."""


def multipart_file(name: str, filename: str, content: bytes) -> bytes:
    """Return a multipart/form-data body with one file."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One request and its only right answer.

    ``expected`` is compared as JSON, or as it is when it is ``bytes``. ``goals`` maps the name of a door to the ratio
    that is aimed at there. ``twin`` is the key of the same work in another way, which is measured beside it.
    """

    key: str
    title: str
    expected: object
    app: str = "core"
    method: str = "GET"
    path: str = "/"
    headers: Headers = ()
    body: bytes = b""
    status: int = 200
    load: str = "wrk"
    goals: dict[str, float] = field(default_factory=dict, compare=False)
    twin: str = ""

    def matches(self, status: int, body: bytes) -> bool:
        if status != self.status:
            return False
        if isinstance(self.expected, bytes):
            return body == self.expected
        try:
            return bool(json.loads(body) == self.expected)
        except ValueError:
            return False


def goals(native: float, ours: float | None = None) -> dict[str, float]:
    return {"native": native} | ({} if ours is None else {"ours": ours})


SCENARIOS = (
    Scenario(key="S1", title="plain async", expected={"hello": "world"}, goals=goals(5.5, 2.2)),
    Scenario(
        key="S2",
        title="path and query parameters",
        path="/items/42?q=abc&limit=20",
        expected={"item_id": 42, "q": "abc", "limit": 20},
        goals=goals(7, 3),
    ),
    Scenario(
        key="S3",
        title="validated body and response model",
        method="POST",
        path="/people",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(PERSON).encode(),
        expected=PERSON,
        goals=goals(6, 2.5),
    ),
    Scenario(
        key="S4",
        title="three nested dependencies",
        path="/me",
        headers=(("X-Token", "secret"),),
        expected={"user": "user-secret"},
        goals=goals(7, 4),
    ),
    Scenario(
        key="S5", title="list of 100 nested models", path="/products", expected=PRODUCTS, goals=goals(7, 4)
    ),
    Scenario(
        key="S6",
        title="def endpoint in a thread",
        path="/blocking",
        expected={"hello": "thread"},
        goals=goals(5.5, 2.5),
    ),
    Scenario(
        key="S7",
        title="the last of 500 routes",
        app="many_routes",
        path="/section499/items/7",
        expected={"section": 499, "item_id": 7},
        goals=goals(35, 15),
    ),
    Scenario(
        key="S8",
        title="urlencoded form",
        method="POST",
        path="/form",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=b"name=Ada+Lovelace&age=36&city=London",
        expected={"name": "Ada Lovelace", "age": 36, "city": "London"},
        goals=goals(7, 3),
    ),
    Scenario(
        key="S9",
        title="multipart upload of 64 KiB",
        method="POST",
        path="/upload",
        headers=(("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),),
        body=multipart_file("file", "data.bin", b"0123456789abcdef" * 4096),
        expected={"filename": "data.bin", "size": 65536},
        goals=goals(5, 2.5),
    ),
    Scenario(
        key="S10",
        title="behind CORS and gzip middleware",
        app="cors_gzip",
        headers=(("Origin", "https://example.com"), ("Accept-Encoding", "gzip")),
        expected={"hello": "world"},
        goals=goals(3, 1.7),
    ),
    Scenario(
        key="S11",
        title="behind an http middleware function",
        app="http_middleware",
        expected={"hello": "world"},
        goals=goals(3, 1.7),
    ),
    Scenario(
        key="S12",
        title="422 with two errors",
        path="/items/forty?limit=0",
        status=422,
        expected={"detail": INT_ERRORS},
        goals=goals(3),
    ),
    Scenario(
        key="S13",
        title="404 on 500 routes",
        app="many_routes",
        path="/nowhere",
        status=404,
        expected={"detail": "Not Found"},
        goals=goals(3),
    ),
    Scenario(
        key="S14",
        title="WebSocket echo of 100 bytes",
        path="/echo",
        load="websocket",
        expected=b"",
        goals=goals(3),
    ),
    Scenario(
        key="S15",
        title="stream of 100 × 1 KiB",
        path="/stream",
        expected=b"x" * 1024 * 100,
        goals=goals(3),
    ),
    Scenario(
        key="S17",
        title="parameters from a schema file",
        app="schema_file",
        path="/file/42?q=abc&limit=20&order=age",
        headers=(("X-Token", "secret"),),
        expected=DECLARED,
        goals=goals(7, 3),
        twin="S18",
    ),
    Scenario(
        key="S18",
        title="the same parameters from code",
        app="schema_file",
        path="/code/42?q=abc&limit=20&order=age",
        headers=(("X-Token", "secret"),),
        expected=DECLARED,
        goals=goals(7, 3),
    ),
)
# Start-up is measured in processes of its own (`startup.py`), in milliseconds.
STARTUP = {"S16a": "import fastapi", "S16b": "register 1,000 routes", "S16c": "openapi() of them"}
STARTUP_GOALS = {"S16a": 2.0, "S16b": 3.0, "S16c": 4.0}


def chosen(only: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a list such as ``S1,S2``; all of them when it is empty.

    Raises:
        ValueError: a name is not that of a scenario.
    """
    wanted = names(only)
    known = {scenario.key for scenario in SCENARIOS} | {"S16"}
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"no scenario is called {', '.join(unknown)}; there are S1 to S18")
    return tuple(scenario for scenario in SCENARIOS if not wanted or scenario.key in wanted)


def wants_startup(only: str) -> bool:
    return not only or "S16" in names(only)


def names(only: str) -> list[str]:
    return [name.strip().upper() for name in only.split(",") if name.strip()]


def by_app(scenarios: Iterable[Scenario]) -> dict[str, list[Scenario]]:
    """Group scenarios by the application that answers them, in order of first appearance."""
    groups: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault(scenario.app, []).append(scenario)
    return groups
