"""Mounted applications, static files, hosts, sub-routers and how root_path runs through them."""

import os
import tempfile
from pathlib import Path

from starlette.routing import Host, Mount, Route, Router

from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.wsgi import WSGIMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

STATIC = Path(tempfile.gettempdir()) / "differential-static"
for name, text in {
    "a.txt": "file a",
    "index.html": "<p>index</p>",
    "sub/index.html": "<p>sub</p>",
    "404.html": "gone",
}.items():
    path = STATIC / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1_700_000_000, 1_700_000_000))

app = FastAPI(title="Parent", root_path="/served")
trace: list[str] = []


def place(request: Request):
    return {
        "url": str(request.url),
        "base": str(request.base_url),
        "path": request.scope["path"],
        "root_path": request.scope["root_path"],
        "params": request.path_params,
    }


@app.get("/sub/shadowing")
def shadowing():
    return "registered before the mount"


sub = FastAPI(title="Child", version="2", servers=[{"url": "/child-server"}])


@sub.get("/place/{x}")
def sub_place(x: int, request: Request):
    return place(request)


@sub.get("/url")
def sub_url(request: Request):
    return str(request.url_for("sub_place", x=3))


@sub.get("/fail")
def sub_fail():
    raise KeyError("in the child")


@sub.exception_handler(KeyError)
async def on_key_error(request: Request, error: KeyError):
    return JSONResponse({"child": str(error)}, status_code=419)


grandchild = FastAPI(openapi_url="/schema.json", docs_url="/documents", redirect_slashes=False)


@grandchild.get("/place")
def grandchild_place(request: Request):
    return place(request)


@grandchild.get("/slash/")
def grandchild_slash():
    return "slash"


sub.mount("/grand/{name}", grandchild)
app.mount("/sub", sub, name="child")
app.mount("/static", StaticFiles(directory=STATIC), name="static")
app.mount("/site", StaticFiles(directory=STATIC, html=True))


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Wsgi", "1")])
    return [f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]


app.mount("/wsgi", WSGIMiddleware(wsgi))


async def bare_asgi(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": [(b"x-a", b"1"), (b"X-A", b"2")]})
    await send(
        {
            "type": "http.response.body",
            "body": repr((scope["path"], scope["root_path"])).encode(),
            "more_body": True,
        }
    )
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b" end"})


app.mount("/asgi", bare_asgi)


def plain(request):
    return PlainTextResponse(f"{request.scope['path']} {request.path_params}")


app.router.routes.append(
    Mount("/routes/{a:int}", routes=[Route("/{b}", plain), Route("/", plain)], name="routes")
)
app.router.routes.append(
    Host("{tenant}.example.org", Router(routes=[Route("/{page}", plain)]), name="tenant")
)

api_host = FastAPI()


@api_host.get("/place")
def host_place(request: Request):
    return place(request)


app.host("api.example.com", api_host, name="api")
router = APIRouter()


@router.get("/place")
def router_place(request: Request):
    return place(request)


app.mount("/router", router)


@app.get("/place")
def own_place(request: Request):
    return place(request)


@app.get("/urls")
def urls(request: Request):
    return [
        str(request.url_for("child", path="/place/1")),
        str(request.url_for("child:sub_place", x=1)),
        str(request.url_for("static", path="a.txt")),
        str(app.url_path_for("api:host_place")),
    ]


@app.get("/asgi/never")
def never():
    return "registered after the mount"


app.mount("", FastAPI(openapi_url=None), name="rest")

PATHS = """/sub /sub/ /sub/place/3 /sub/place/x /sub/place/3/ /sub/url /sub/fail /sub/shadowing /sub/openapi.json /sub/docs /sub/redoc
/sub/nowhere /sub/grand/g/place /sub/grand/g/schema.json /sub/grand/g/documents /sub/grand/g/slash /sub/grand/g/openapi.json /subx
/static/a.txt /static/ /static /static/missing.txt /static/../a.txt /static/%2e%2e/a.txt /static/sub /site/ /site /site/sub /site/sub/
/site/missing /wsgi/x/y /wsgi /asgi/x%20y /asgi /asgi/never /routes/3/x /routes/x/y /routes/3/ /routes/3 /place /urls /router/place
/router/x /nowhere /sub//place/3 //sub/place/3""".split()
EXAMPLES = (
    [f"GET {path}" for path in PATHS]
    + [
        {"request": f"GET {path}", "root_path": "/proxy"}
        for path in (
            "/sub/place/3",
            "/place",
            "/sub/openapi.json",
            "/sub/grand/g/place",
            "/sub/docs",
            "/urls",
        )
    ]
    + [
        {"request": f"GET {path}", "headers": {"host": host}}
        for path in ("/place", "/x", "/")
        for host in ("api.example.com", "t.example.org", "api.example.com:80", "x")
    ]
    + [
        "HEAD /static/a.txt",
        "POST /static/a.txt",
        "POST /sub/place/3",
        "OPTIONS /sub/place/3",
        {"request": "GET /static/a.txt", "headers": {"if-modified-since": "Wed, 15 Nov 2023 00:00:00 GMT"}},
        {"request": "POST /wsgi/p", "body": b"data"},
        {"websocket": "/sub/place/3"},
        {"websocket": "/static/a.txt"},
        {"websocket": "/nowhere"},
    ]
)
