"""The plugin that sends what a ``TestClient`` asks over TCP to the native server keeps the client's promises."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

from fastapi import _rust

HARNESS = pathlib.Path(__file__).resolve().parents[2] / "conformance"

pytestmark = pytest.mark.skipif(_rust.PURE, reason="the native server lives in the extension")

PROMISES = textwrap.dedent(
    """
    import asyncio
    import contextlib

    import native_door
    import pytest
    from fastapi import BackgroundTasks, Cookie, Depends, FastAPI, Request, Response, WebSocket
    from fastapi.testclient import TestClient
    from starlette.websockets import WebSocketDisconnect

    heard = []


    @contextlib.asynccontextmanager
    async def lifespan(app):
        heard.append(asyncio.get_running_loop())
        yield {"made": "by lifespan"}
        heard.append("over")


    app = FastAPI(lifespan=lifespan)


    def dependency():
        return "own"


    @app.get("/items/{name:path}")
    async def items(name, request: Request, a: str = "", b: str = Cookie(""), c=Depends(dependency)):
        heard.append(asyncio.get_running_loop())
        return [name, a, b, c, str(request.url), request.scope["root_path"], request.client.host]


    @app.get("/cookie")
    async def cookie(response: Response):
        response.set_cookie("b", "baked")


    @app.get("/error")
    async def error():
        raise ValueError("of the application")


    @app.get("/later")
    async def later(tasks: BackgroundTasks):
        async def work():
            await asyncio.sleep(0.05)
            heard.append("done")

        tasks.add_task(work)


    @app.websocket("/echo")
    async def echo(websocket: WebSocket):
        await websocket.accept(websocket.headers.get("sec-websocket-protocol"), headers=[(b"x-own", b"1")])
        while (message := await websocket.receive_text()) != "close":
            assert message != "raise"
            await websocket.send_text(message)
        await websocket.close(4000, "asked to")


    @app.websocket("/refused")
    async def refused(websocket: WebSocket):
        await websocket.send_denial_response(Response("no", 402))


    @app.websocket("/endless")
    async def endless(websocket: WebSocket):
        await websocket.accept()
        await asyncio.sleep(3600)


    client = TestClient(app)


    def test_a_request_comes_over_tcp():
        asked = native_door.served
        answer = client.get("/items/x%2Fy%20z", params={"a": "1"}).json()
        assert answer == ["x/y z", "1", "", "own", "http://testserver/items/x/y z?a=1", "", "127.0.0.1"]
        assert native_door.served == asked + 1


    def test_base_url_and_root_path_and_cookies_count():
        client = TestClient(app, "https://example.com", root_path="/r")
        client.get("/cookie")
        assert client.get("/items/x").json()[2:6] == ["baked", "own", "https://example.com/r/items/x", "/r"]


    def test_an_override_counts():
        app.dependency_overrides[dependency] = lambda: "other"
        assert client.get("/items/x").json()[3] == "other"
        app.dependency_overrides.clear()


    def test_requests_share_the_loop_of_the_lifespan():
        heard.clear()
        with client:
            client.get("/items/x")
            client.get("/items/x")
        assert len(set(heard[:3])) == 1 and heard[3:] == ["over"]


    def test_an_exception_is_raised_or_not():
        with pytest.raises(ValueError, match="of the application"):
            client.get("/error")
        assert TestClient(app, raise_server_exceptions=False).get("/error").status_code == 500


    def test_a_response_is_there_when_the_application_has_ended():
        heard.clear()
        client.get("/later")
        assert heard == ["done"]


    def test_a_websocket_talks_until_one_side_closes():
        with client.websocket_connect("/echo", subprotocols=["a"]) as session:
            assert (session.accepted_subprotocol, session.extra_headers) == ("a", [(b"x-own", b"1")])
            session.send_text("x")
            assert session.receive_text() == "x"
            session.send_text("close")
            with pytest.raises(WebSocketDisconnect) as closed:
                session.receive_text()
        assert (closed.value.code, closed.value.reason) == (4000, "asked to")


    def test_an_exception_of_a_websocket_is_raised():
        with pytest.raises(AssertionError), client.websocket_connect("/echo") as session:
            session.send_text("raise")
            session.receive_text()


    def test_a_denial_has_its_response():
        with pytest.raises(WebSocketDisconnect) as denied, client.websocket_connect("/refused"):
            pass
        assert (denied.value.status_code, denied.value.content) == (402, b"no")


    def test_what_goes_on_after_its_websocket_is_cancelled():
        with client.websocket_connect("/endless"):
            pass
    """
)


def test_the_promises_of_a_test_client_are_kept(tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_promises.py").write_text(PROMISES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "native_door", "-p", "no:cacheprovider", tmp_path],
        env={**os.environ, "PYTHONPATH": f"{HARNESS}:{os.getcwd()}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout


def test_a_worker_that_asked_the_native_server_nothing_has_failed() -> None:
    script = (
        "import pathlib, run; result = run.Result('worker', pathlib.Path('place'), served=0);"
        "print(run.tell([result], {})[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(HARNESS)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "asked the native server nothing" in done.stdout
