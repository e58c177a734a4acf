"""Status codes, and what the injected Response carries over to the final one."""

import http
from typing import Annotated, Any

from pydantic import BaseModel

from fastapi import BackgroundTasks, Depends, FastAPI, Response, status
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

app = FastAPI()
trace: list[str] = []


class Item(BaseModel):
    a: int = 1


for code in (
    200,
    201,
    202,
    203,
    204,
    205,
    206,
    207,
    226,
    301,
    304,
    307,
    400,
    404,
    418,
    451,
    499,
    500,
    503,
    599,
):

    @app.api_route(
        f"/declared/{code}", methods=["GET", "POST"], status_code=code, operation_id=f"declared_{code}"
    )
    def declared(empty: bool = False):
        return None if empty else {"a": 1}

    @app.get(
        f"/with-model/{code}",
        status_code=code,
        **({} if code in (204, 205, 304) else {"response_model": Item}),
    )
    def with_model():
        return Item(a=2)

    @app.delete(f"/none/{code}", status_code=code)
    async def none() -> None:
        return None


@app.get("/enum", status_code=http.HTTPStatus.ACCEPTED)
def enum():
    return "accepted"


@app.get("/constant", status_code=status.HTTP_203_NON_AUTHORITATIVE_INFORMATION)
def constant():
    return "constant"


@app.get("/set")
def set_code(response: Response, code: int = 200, body: bool = True):
    response.status_code = code
    return {"a": 1} if body else None


@app.get("/set-over-declared", status_code=201)
def set_over_declared(response: Response, code: int | None = None):
    response.status_code = code
    return code


@app.get("/informational/{code}")
def informational(code: int):
    return Response("body", status_code=code)


@app.get("/headers", status_code=201)
def headers(response: Response):
    response.headers["X-One"] = "1"
    response.headers["x-one"] = "2"
    response.headers.append("X-Two", "a")
    response.headers.append("X-Two", "b")
    response.headers["X-Unicode"] = "é"
    response.headers["Content-Type"] = "text/own"
    response.headers["Cache-Control"] = "no-store"
    return {"a": 1}


@app.get("/content-length")
def content_length(response: Response):
    response.headers["Content-Length"] = "3"
    return {"a": 1}


@app.get("/cookies")
def cookies(response: Response):
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", max_age=10, httponly=True, samesite=None)
    response.set_cookie("c", "ü ;,", path="/x")
    response.delete_cookie("d", domain="example.com")
    return "cookies"


@app.get("/bad-header")
def bad_header(response: Response):
    response.headers["X-Bad"] = "☃"
    return 1


def first(response: Response):
    response.headers.append("X-From", "first")
    response.set_cookie("first", "1")
    response.status_code = 202


def second(response: Response, _: Annotated[None, Depends(first)]):
    response.headers.append("X-From", "second")
    return response.status_code


@app.get("/dependencies", status_code=201)
def dependencies(seen: Annotated[Any, Depends(second)], response: Response):
    response.headers.append("X-From", "endpoint")
    return seen


@app.get("/dependencies-direct")
def dependencies_direct(seen: Annotated[Any, Depends(second)]):
    return PlainTextResponse(str(seen), headers={"X-From": "direct"})


@app.get("/dependencies-no-content", status_code=204, dependencies=[Depends(second)])
def dependencies_no_content():
    pass


@app.get("/background")
async def background(tasks: BackgroundTasks, fail: bool = False):
    async def asynchronous(name: str, *, times: int):
        trace.append(f"{name} {times}")

    def synchronous():
        trace.append("synchronous")
        if fail:
            raise RuntimeError("task failed")

    tasks.add_task(asynchronous, "asynchronous", times=2)
    tasks.add_task(synchronous)
    tasks.add_task(asynchronous, "last", times=1)
    trace.append("endpoint")
    return {"tasks": len(tasks.tasks)}


@app.get("/background-direct")
def background_direct(tasks: BackgroundTasks):
    tasks.add_task(trace.append, "injected")
    return JSONResponse("direct")


@app.get("/background-both")
def background_both(tasks: BackgroundTasks):
    own = BackgroundTasks()
    own.add_task(trace.append, "own")
    tasks.add_task(trace.append, "injected")
    return JSONResponse("both", background=own)


@app.get("/background-stream")
def background_stream(tasks: BackgroundTasks):
    tasks.add_task(trace.append, "injected")
    return StreamingResponse(iter("ab"))


@app.get("/same-response")
def same_response(response: Response):
    response.status_code = 208
    response.body = b"own body"
    return response


EXAMPLES = (
    [
        f"{method} /declared/{code}{query}"
        for code in (200, 204, 205, 304, 418)
        for method in ("GET", "POST", "HEAD")
        for query in ("", "?empty=1")
    ]
    + [f"GET /with-model/{code}" for code in (200, 204, 304, 404, 599)]
    + [f"DELETE /none/{code}" for code in (200, 204, 205, 304, 500)]
    + [
        f"GET /set?code={code}&body={body}"
        for code in (100, 199, 200, 204, 205, 304, 404, 999, 0, -1)
        for body in (0, 1)
    ]
    + [f"GET /informational/{code}" for code in (100, 101, 199, 204, 304, 1000)]
    + [
        "GET /enum",
        "GET /constant",
        "GET /set-over-declared",
        "GET /set-over-declared?code=204",
        "GET /headers",
        "HEAD /headers",
        "GET /content-length",
        "GET /cookies",
        "GET /bad-header",
        "GET /dependencies",
        "GET /dependencies-direct",
        "GET /dependencies-no-content",
        "GET /background",
        "GET /background?fail=1",
        "GET /background-direct",
        "GET /background-both",
        "GET /background-stream",
        "GET /same-response",
    ]
)
