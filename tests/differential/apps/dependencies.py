"""Dependencies of every shape: functions, classes, instances, methods, partials, nested, shared, uncached."""

import functools
from typing import Annotated, Any

from pydantic import BaseModel

from fastapi import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
)
from fastapi.requests import HTTPConnection
from fastapi.security import SecurityScopes

trace: list[str] = []


async def from_application(x_application: Annotated[str | None, Header()] = None):
    trace.append(f"application {x_application}")
    if x_application == "stop":
        raise HTTPException(418, {"stopped": True}, headers={"X-Stopped": "yes"})


app = FastAPI(dependencies=[Depends(from_application)])


async def common(q: str | None = None, skip: int = 0, limit: int = 100):
    trace.append("common")
    return {"q": q, "skip": skip, "limit": limit}


def common_sync(q: str | None = None, limit: int = Query(10, le=50)):
    trace.append("common_sync")
    return {"q": q, "limit": limit}


class Page:
    def __init__(self, q: str = "none", size: Annotated[int, Query(ge=1)] = 5):
        trace.append("Page")
        self.q, self.size = q, size


class Settings(BaseModel):
    name: str = "settings"
    level: int = 1


class Checker:
    def __init__(self, word: str):
        self.word = word

    def __call__(self, q: str = ""):
        trace.append(f"Checker {self.word}")
        return self.word in q

    async def later(self, q: str = "", n: int = 0):
        trace.append(f"later {self.word}")
        return [self.word, q, n]

    @classmethod
    def made(cls, q: str = ""):
        return f"{cls.__name__} {q}"

    @staticmethod
    def alone(q: str = ""):
        return f"alone {q}"


class AsyncChecker:
    async def __call__(self, q: str = "", k: int = 1):
        return {"async": q, "k": k}


checker = Checker("bar")
async_checker = AsyncChecker()


def adding(a: int, b: int = 2):
    return a + b


def decorated(function):
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any):
        trace.append("wrapped")
        return await function(*args, **kwargs)

    return wrapper


@decorated
async def wrapped_dependency(z: int = 3):
    return z


counter = {"calls": 0}


def counted(request: Request):
    trace.append("counted")
    return len(trace)


def first(n: Annotated[int, Depends(counted)]):
    return n


def second(n: Annotated[int, Depends(counted)], m: Annotated[int, Depends(first)]):
    return [n, m]


def uncached(n: Annotated[int, Depends(counted, use_cache=False)]):
    return n


@app.get("/function")
def function(commons: Annotated[dict, Depends(common)]):
    return commons


@app.get("/function-old")
async def function_old(commons: dict = Depends(common_sync)):
    return commons


@app.get("/class")
def klass(page: Annotated[Page, Depends(Page)], again: Page = Depends()):
    return [page.q, page.size, page is again]


@app.get("/class-shortcut")
def class_shortcut(page: Annotated[Page, Depends()]):
    return vars(page)


@app.get("/model-as-dependency")
def model_as_dependency(settings: Annotated[Settings, Depends()]):
    return settings


@app.get("/callables")
async def callables(
    a: Annotated[bool, Depends(checker)],
    b: Annotated[Any, Depends(checker.later)],
    c: Annotated[Any, Depends(Checker.made)],
    d: Annotated[Any, Depends(Checker.alone)],
    e: Annotated[Any, Depends(async_checker)],
    f: Annotated[int, Depends(functools.partial(adding, 40))],
    g: Annotated[int, Depends(functools.partial(adding, b=7))],
    h: Annotated[int, Depends(wrapped_dependency)],
    i: Annotated[str, Depends(lambda q="lambda": q)],
):
    return [a, b, c, d, e, f, g, h, i]


@app.get("/cached")
def cached(
    a: Annotated[int, Depends(counted)], b: Annotated[int, Depends(first)], c: Annotated[Any, Depends(second)]
):
    return [a, b, c]


@app.get("/uncached")
def not_cached(
    a: Annotated[int, Depends(counted)],
    b: Annotated[int, Depends(uncached)],
    c: Annotated[int, Depends(counted, use_cache=False)],
    d: Annotated[int, Depends(counted)],
):
    return [a, b, c, d]


def level_three(x: int, trail: Annotated[str, Cookie()] = "no"):
    trace.append("three")
    return [x, trail]


def level_two(three: Annotated[Any, Depends(level_three)], x: int, y: Annotated[float, Header()] = 0.5):
    trace.append("two")
    return [three, x, y]


async def level_one(two: Annotated[Any, Depends(level_two)], body: Annotated[dict[str, int], Body()]):
    trace.append("one")
    return [two, body]


@app.post("/deep/{x}")
async def deep(one: Annotated[Any, Depends(level_one)], x: Annotated[int, Path(le=9)], body: dict[str, int]):
    return [one, x, body]


def reject(token: Annotated[str, Header()] = "none"):
    trace.append("reject")
    if token == "bad":
        raise HTTPException(status_code=400, detail="Bad token", headers={"X-Reason": "token"})
    if token == "boom":
        raise RuntimeError("dependency failed")
    return token


@app.get("/rejecting")
def rejecting(token: Annotated[str, Depends(reject)], number: int):
    return [token, number]


@app.get("/rejecting-parameterless/{number}", dependencies=[Depends(reject), Depends(checker)])
def rejecting_parameterless(number: int):
    trace.append("endpoint")
    return number


def special(
    request: Request,
    connection: HTTPConnection,
    response: Response,
    tasks: BackgroundTasks,
    scopes: SecurityScopes,
):
    response.headers["X-Special"] = request.url.path
    response.headers.append("X-Many", "1")
    tasks.add_task(trace.append, "special task")
    return [request.method, connection.scope["type"], scopes.scopes, request is connection]


@app.get("/special")
def specials(found: Annotated[Any, Depends(special)], response: Response, tasks: BackgroundTasks):
    response.headers.append("X-Many", "2")
    response.set_cookie("a", "b")
    tasks.add_task(trace.append, "endpoint task")
    return found


@app.get("/special-response")
def special_response(found: Annotated[Any, Depends(special)]):
    return Response("direct", headers={"X-Many": "0"}, status_code=202)


def status_setter(response: Response, code: int = 201):
    response.status_code = code


@app.get("/status", dependencies=[Depends(status_setter)])
def status():
    return "status"


def same_name(q: int):
    return q


def same_name_too(q: str):
    return q


@app.get("/same-parameter")
def same_parameter(
    a: Annotated[int, Depends(same_name)], b: Annotated[str, Depends(same_name_too)], q: float
):
    return [repr(a), repr(b), repr(q)]


def original(q: str = "original"):
    return ["original", q]


def replacement(r: int = 0):
    return ["replacement", r]


def overridden_class(page: Annotated[Page, Depends()]):
    return page


@app.get("/overridden")
def overridden(value: Annotated[Any, Depends(original)]):
    return value


@app.get("/overridden-nested")
def overridden_nested(value: Annotated[Any, Depends(overridden_class)]):
    return value


@app.get("/overridden-parameterless", dependencies=[Depends(original)])
def overridden_parameterless():
    return "fine"


app.dependency_overrides[original] = replacement
app.dependency_overrides[Page] = lambda: {"page": "override"}


def order(name: str):
    async def asynchronous():
        trace.append(name)
        return name

    def synchronous():
        trace.append(name)
        return name

    return asynchronous if name < "c" else synchronous


@app.get("/order", dependencies=[Depends(order("d")), Depends(order("b"))])
def ordered(c: Annotated[str, Depends(order("c"))], a: str = Depends(order("a"))):
    trace.append("endpoint")
    return list(trace)


@app.get("/none")
def none(value: Annotated[Any, Depends(lambda: None)]):
    return value


@app.get("/many-errors/{p}")
def many_errors(
    p: int,
    commons: Annotated[dict, Depends(common)],
    page: Annotated[Any, Depends(level_two)],
    h: Annotated[int, Header()],
):
    return "never mind"


EXAMPLES = [
    "GET /function?q=a&skip=1&limit=x",
    "GET /function-old?limit=51",
    "GET /class?q=a&size=0",
    "GET /class?q=a",
    "GET /class-shortcut?size=3",
    "GET /model-as-dependency?level=x",
    "GET /model-as-dependency?name=n",
    "GET /callables?q=foobar&n=1&k=2&a=1&b=9&z=8",
    "GET /callables?a=x",
    "GET /cached",
    "GET /uncached",
    {"request": "POST /deep/3", "json": {"a": 1}, "headers": {"cookie": "trail=t", "y": "1.5"}},
    {"request": "POST /deep/x", "json": {"a": "b"}, "headers": {"y": "z"}},
    {"request": "POST /deep/12", "json": {"a": 2}},
    {"request": "GET /rejecting", "headers": {"token": "bad"}},
    {"request": "GET /rejecting?number=x", "headers": {"token": "bad"}},
    {"request": "GET /rejecting?number=1", "headers": {"token": "boom"}},
    "GET /rejecting?number=x",
    {"request": "GET /rejecting-parameterless/x", "headers": {"token": "bad"}},
    {"request": "GET /rejecting-parameterless/1"},
    {"request": "GET /function", "headers": {"x-application": "stop"}},
    {"request": "GET /nowhere", "headers": {"x-application": "stop"}},
    "GET /special",
    "HEAD /special",
    "GET /special-response",
    "GET /status?code=299",
    "GET /status?code=204",
    "GET /status?code=x",
    "GET /same-parameter?q=3",
    "GET /same-parameter?q=x",
    "GET /overridden?q=1&r=5",
    "GET /overridden?r=x",
    "GET /overridden-nested",
    "GET /overridden-parameterless?r=x",
    "GET /order",
    "GET /none",
    {"request": "GET /many-errors/x?skip=a&limit=b", "headers": {"y": "c"}},
]
