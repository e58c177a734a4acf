"""Forms read by a plan: the same values, errors and files as on the reference path."""

import asyncio
import gc
import io
import random
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette import formparsers, requests
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.formparsers import MultiPartParser

from fastapi import Depends, FastAPI, File, Form, Header, Request, UploadFile
from fastapi.dependencies import utils
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from tests.unit.plan.requests import Outcome, content, on_reference_path, send, status

# Starlette 0.50 leaves files open when a form breaks off.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def no_open_files() -> Iterator[None]:
    """Collect what Starlette has left open, before tests that know nothing of it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


MEBIBYTE = 1024 * 1024

URLENCODED = [(b"content-type", b"application/x-www-form-urlencoded")]
MULTIPART = [(b"content-type", b"multipart/form-data; boundary=BB")]


class Filter(BaseModel):
    name: str
    tags: list[str] = []
    size: int = 3
    file: UploadFile | None = None

    model_config = ConfigDict(extra="forbid")


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str = "default"


def shown(value: Any) -> Any:
    """All that can be seen of a value in a form."""
    if not isinstance(value, StarletteUploadFile):
        return repr(value)
    value.file.seek(0)
    return {
        "class": type(value).__name__,
        "filename": value.filename,
        "size": value.size,
        "headers": [[name.decode("latin-1"), text.decode("latin-1")] for name, text in value.headers.raw],
        "content": value.file.read().decode("latin-1"),
        "on disk": value.file._rolled,  # type: ignore[attr-defined]
        "limit": value._max_mem_size,
    }


def application() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/all")
    async def everything(request: Request, any_field: Annotated[str, Form()] = "") -> Any:
        form = await request.form()
        return [[name, shown(value)] for name, value in form.multi_items()]

    @app.post("/fields")
    async def fields(
        name: Annotated[str, Form()],
        size: Annotated[int, Form(ge=2)] = 7,
        tags: Annotated[list[str], Form()] = ["a"],  # noqa: B006
        pick: Annotated[int | str | None, Form()] = None,
        raw: Annotated[bytes, Form(alias="Raw")] = b"none",
        trimmed: Annotated[str, AfterValidator(str.strip), Form()] = " x ",
    ) -> Any:
        return [name, size, tags, repr(pick), repr(raw), trimmed]

    @app.post("/files")
    async def files(
        file: UploadFile,
        files: list[UploadFile],
        content: Annotated[bytes, File()] = b"none",
        contents: Annotated[list[bytes], File()] = [],  # noqa: B006
        optional: UploadFile | None = None,
        text: Annotated[str, File()] = "",
    ) -> Any:
        return [
            shown(file),
            [shown(each) for each in files],
            repr(content),
            repr(contents),
            repr(optional),
            text,
        ]

    @app.post("/sets")
    async def sets(contents: Annotated[set[bytes], File()]) -> Any:
        return sorted(map(repr, contents))

    @app.post("/model")
    async def model(filter: Annotated[Filter, Form()]) -> Any:
        return [filter.name, filter.tags, filter.size, shown(filter.file), sorted(filter.model_fields_set)]

    @app.post("/loose")
    async def loose(filter: Annotated[Loose, Form()]) -> Any:
        return repr(filter)

    @app.post("/union")
    async def union(filter: Annotated[Filter | Loose, Form()]) -> Any:
        return repr(filter)

    async def token(token: Annotated[str, Form()], x_token: Annotated[str, Header()] = "") -> str:
        return token + x_token

    @app.post("/depends")
    async def depends(token: Annotated[str, Depends(token)], size: Annotated[int, Form()]) -> Any:
        return [token, size]

    return app


def both(path: str, **options: Any) -> Outcome:
    expected = send(on_reference_path(application()), path, method="POST", **options)
    outcome = send(application(), path, method="POST", **options)
    assert outcome == expected
    return outcome


def part(name: str, content: bytes = b"", filename: str | None = None, more: str = "") -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--BB\r\nContent-Disposition: form-data; name="{name}"{file}{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)] or [b""]


PATHS = ["/all", "/fields", "/files", "/sets", "/model", "/loose", "/union", "/depends"]

TEXTS = [
    b"",
    b"name=a",
    b"name=a&size=3&tags=b&tags=c&pick=4&Raw=%00&trimmed=+y+",
    b"name=a&name=b&size=1&tags=&pick=x",
    b"name=&size=&tags",
    b"name=%C3%A9%ff+%&size=2",
    b"name=\xc3\xa9&size=2",
    b"name=a;size=3",
    b"token=t&size=3&other=1&other=2",
    b"&&name=a&=x&&",
    b"file=text&files=text&content=text&contents=text",
    b"filter=x&name=a&tags=1&size=x&extra=y",
    b"a=1&" * 1001,
    b"name=" + b"x" * (MEBIBYTE + 1),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", TEXTS, ids=lambda body: body[:20].decode("latin-1"))
def test_urlencoded_forms_are_taken_as_on_the_reference_path(path: str, body: bytes) -> None:
    both(path, body=[body], headers=URLENCODED)
    if len(body) < 100:
        both(path, body=cut(body, 3), headers=URLENCODED)


END = b"--BB--\r\n"
PARTS = [
    END,
    part("name", b"a") + END,
    part("name", "é".encode()) + part("size", b"3") + part("tags", b"x") + part("tags", b"") + END,
    part("name", b"\xff\xfe") + END,
    part("token", b"t", more="; x=1") + part("size", b"3") + END,
    part("file", b"1", "a.txt") + part("files", b"2", "b.txt") + part("files", b"3", "") + END,
    part("file", b"1", "a.txt") + part("files", b"2", "b.txt") + part("content", b"\x00\r\n--B", "c") + END,
    part("file", b"1", "a") + part("files", b"2", "b") + part("contents", b"4", "d") + END,
    part("file", b"1", "a") + part("files", b"2", "b") + part("content", b"text") + END,
    part("file", b"1", "a") + part("files", b"2", "b") + part("contents", b"text") + END,
    part("file", b"1") + part("files", b"2", "b") + part("files", b"2") + part("optional", b"4", "d") + END,
    part("file", b"x" * (MEBIBYTE + 1), "large") + part("files", b"y" * MEBIBYTE, "small") + END,
    part("file", b"x" * 3 * MEBIBYTE, "large") + part("content", b"y" * (MEBIBYTE + 1), "c") + END,
    part("file", b"x" * 3 * MEBIBYTE, "large") + part("files", b"y", "z", more="; odd=1") + END,
    part("file", b"x" * 3 * MEBIBYTE, "large") + part("files", b"y", "z"),
    part("file", b"x" * 3 * MEBIBYTE, "large") + b"--BB\r\nnonsense\r\n\r\n",
    part("name", b"x" * (MEBIBYTE + 1)) + END,
    part("name", b"a") * 1001 + END,
    part("file", b"a", "b") * 1001 + END,
    part("name", b"a", more="; filename*=utf-8''n%C3%A4me") + END,
    part("name", b"a", 'C:\\\\dir\\"q\\".txt') + END,
    part("name", b"a")[:-2] + b"\n" + END,
    part("name", b"a") + END + b"epilogue",
    part("name", b"a") + b"--BB --\r\n",
    b"preamble\r\n" + part("name", b"a") + END,
    b"\r\n" + part("name", b"a") + END,
    b"--BB\r\nContent-Disposition: form-data\r\n\r\na\r\n" + END,
    b"--BB\r\n\r\na\r\n" + END,
    b"--BB\r\nX:1\r\ncontent-disposition:  form-data; name=name\r\nx: 2\r\n\r\na\r\n" + END,
    b"",
    b"nonsense",
]


@pytest.mark.parametrize("path", PATHS)
def test_multipart_forms_are_taken_as_on_the_reference_path(path: str) -> None:
    for body in PARTS:
        both(path, body=[body], headers=MULTIPART)
        if len(body) < 1000:
            both(path, body=cut(body, 7), headers=MULTIPART)


def test_large_uploads_come_in_many_messages() -> None:
    for body in PARTS:
        if len(body) > MEBIBYTE:
            both("/files", body=cut(body, 65536), headers=MULTIPART)


CONTENT_TYPES = [
    b"multipart/form-data; boundary=BB; charset=utf-8",
    b"multipart/form-data; boundary=BB; charset=latin-1",
    b"multipart/form-data; boundary=BB; charset=nonsense",
    b'multipart/form-data;boundary="BB"',
    b"multipart/form-data; boundary=BB; boundary=CC",
    b"Multipart/Form-Data; Boundary=BB",
    b"multipart/form-data; boundary=<BB>",
    b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary*=utf-8''BB",
    b"multipart/form-data",
    b"multipart/mixed; boundary=BB",
    b"application/x-www-form-urlencoded; charset=latin-1",
    b" application/x-www-form-urlencoded ",
    b"application/json",
    b"",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=str)
def test_the_content_type_says_how_a_form_is_read(content_type: bytes) -> None:
    for headers in ([(b"content-type", content_type)], [(b"content-type", content_type), *MULTIPART], []):
        for body in (part("name", "é".encode()) + END, b"name=%C3%A9"):
            both("/all", body=[body], headers=headers)
            both("/fields", body=[body], headers=headers)


NAMES = st.text(st.sampled_from('abé;=*%"\\ <>\x85\u2028'), max_size=4)
LINES = st.one_of(
    st.builds(lambda name: f'Content-Disposition: form-data; name="{name}"'.encode(), NAMES),
    st.builds(
        lambda name, file: f'content-disposition: form-data; filename="{file}"; name="{name}"'.encode(),
        NAMES,
        NAMES,
    ),
    st.sampled_from(
        [b"Content-Type: text/plain", b"X-\xc3\xa9: 1", b"x:", b"X: \xff", b"X:\t1 ", b"X", b": 1", b"X: 1\n"]
    ),
)
CONTENTS = st.one_of(
    st.binary(max_size=9),
    st.builds(b"".join, st.lists(st.sampled_from([b"\r", b"\n", b"--", b"BB", b"-", b"x"]), max_size=9)),
)
PIECES = st.one_of(
    st.builds(
        lambda lines, content: b"--BB\r\n"
        + b"".join(line + b"\r\n" for line in lines)
        + b"\r\n"
        + content
        + b"\r\n",
        st.lists(LINES, min_size=1, max_size=3),
        CONTENTS,
    ),
    st.sampled_from([b"--BB--", b"--BB\r\n", b"\r\n", b"--BB", b"-", b"x"]),
)
MULTIPARTS = st.builds(
    lambda pieces, end: b"".join(pieces) + end,
    st.lists(PIECES, max_size=4),
    st.sampled_from([END, END, END, b"--BB--", b""]),
)
ENCODED = st.builds(
    b"".join,
    st.lists(st.sampled_from([b"a", b"name", b"=", b"&", b"+", b"%4", b"%C3%A9", b"%", b"\xe9", b";", b"1"])),
)


@settings(max_examples=400)
@given(
    body=st.one_of(MULTIPARTS.map(lambda b: (b, MULTIPART)), ENCODED.map(lambda b: (b, URLENCODED))),
    seed=st.integers(0, 1000),
)
def test_any_form_is_read_as_on_the_reference_path(body: tuple[bytes, Any], seed: int) -> None:
    form, headers = body
    rest, parts, dice = form, [], random.Random(seed)
    while rest:
        size = dice.choice([1, 2, 5, 30, len(rest)])
        parts.append(rest[:size])
        rest = rest[size:]
    both("/all", body=parts or [b""], headers=headers)


def test_validators_run_once_and_on_all_fields() -> None:
    runs: list[str] = []

    def count(text: str) -> str:
        runs.append(text)
        if text == "bad":
            raise ValueError("bad text")
        return text

    Counted = Annotated[str, AfterValidator(count), Form()]
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(a: Counted, b: Counted) -> list[str]:
        return [a, b]

    for body, code, expected in ((b"a=1&b=2", 200, ["1", "2"]), (b"a=bad&b=2", 422, ["bad", "2"])):
        runs.clear()
        assert status(send(app, "/", method="POST", headers=URLENCODED, body=[body])) == code
        assert runs == expected


def test_an_exception_of_a_validator_is_the_callers() -> None:
    def fail(text: str) -> str:
        raise LookupError(text)

    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(a: Annotated[str, AfterValidator(fail), Form()]) -> None: ...

    assert send(app, "/", method="POST", headers=URLENCODED, body=[b"a=1"]).error == "LookupError: 1"


def exit_order(*, is_open: bool, fails: bool, size: int) -> tuple[list[str], Outcome]:
    """Upload a file to an endpoint with a dependency that sees it closed or not."""
    log: list[str] = []
    kept: list[StarletteUploadFile] = []
    app = FastAPI(openapi_url=None)

    async def watch() -> Any:
        try:
            yield
        finally:
            log.append(f"dependency exits, closed: {kept[0].file.closed}")

    async def endpoint(file: UploadFile, _: Annotated[None, Depends(watch)]) -> Any:
        kept.append(file)
        log.append(f"read {len(await file.read())}")
        await file.seek(0)
        await file.write(b"z")
        if fails:
            raise LookupError
        return file.size

    async def opened(request: Request, file: UploadFile, _: Annotated[None, Depends(watch)]) -> Any:
        assert (await request.form())["file"] is file
        return await endpoint(file, None)

    app.post("/")(opened if is_open else endpoint)
    body = part("file", b"x" * size, "f") + END
    outcome = send(app, "/", method="POST", headers=MULTIPART, body=[body])
    log.append(f"closed: {kept[0].file.closed}")
    return log, outcome


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("size", [3, MEBIBYTE + 1])
def test_files_are_closed_after_everything_else(is_open: bool, fails: bool, size: int) -> None:
    log, outcome = exit_order(is_open=is_open, fails=fails, size=size)
    assert log == [f"read {size}", "dependency exits, closed: False", "closed: True"]
    assert (outcome.error is not None) is fails


def test_files_of_a_form_that_is_not_valid_are_closed_too() -> None:
    app = FastAPI(openapi_url=None)
    bodies: list[FormData] = []

    @app.post("/")
    async def endpoint(file: UploadFile, size: Annotated[int, Form()]) -> None: ...

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        bodies.append(error.body)
        assert await request.form() is error.body
        assert not error.body["file"].file.closed
        return JSONResponse({}, 422)

    outcome = send(app, "/", method="POST", headers=MULTIPART, body=[part("file", b"x", "f") + END])
    assert status(outcome) == 422
    assert bodies[0]["file"].file.closed  # type: ignore[union-attr]


def test_a_form_is_read_once_for_all_who_ask() -> None:
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(request: Request, name: Annotated[str, Form()]) -> Any:
        first, second = await request.form(), await request.form()
        try:
            await request.body()
        except RuntimeError as error:
            return [first is second, first["name"], str(error)]

    outcome = send(app, "/", method="POST", headers=URLENCODED, body=[b"name=a"])
    assert content(outcome) == b'[true,"a","Stream consumed"]'


def interrupted(messages: list[Any]) -> Callable[[FastAPI], Outcome]:
    def run(app: FastAPI) -> Outcome:
        rest = list(messages)

        async def cutting(scope: Any, receive: Any, send: Any) -> None:
            async def broken() -> Any:
                message = rest.pop(0)
                if isinstance(message, Exception):
                    raise message
                return message

            await app(scope, broken, send)

        return send(cutting, "/files", method="POST", headers=MULTIPART)

    return run


LARGE = part("file", b"x" * 2 * MEBIBYTE, "f")


@pytest.mark.parametrize(
    "beginning", [b"", part("file", b"x", "f"), LARGE], ids=["nothing", "small", "large"]
)
@pytest.mark.parametrize(
    "end",
    [
        {"type": "http.disconnect"},
        {"type": "odd"},
        {"type": "http.request", "body": bytearray(END)},
        OSError("gone"),
        ValueError("odd"),
    ],
    ids=str,
)
def test_a_body_that_breaks_off_is_answered_as_on_the_reference_path(beginning: bytes, end: Any) -> None:
    messages = [{"type": "http.request", "body": beginning, "more_body": True}, end]
    if end == {"type": "odd"}:  # Starlette waits for the next message
        messages.append({"type": "http.disconnect"})
    run = interrupted(messages)
    expected = run(on_reference_path(application()))
    assert run(application()) == expected


def test_what_does_not_fit_on_the_disk_is_answered_400(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, *args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    body = part("file", b"x" * 3 * MEBIBYTE, "large") + END
    with monkeypatch.context() as patched:
        patched.setattr(tempfile.SpooledTemporaryFile, "rollover", fail)
        outcome = send(application(), "/files", method="POST", headers=MULTIPART, body=[body])
    assert (status(outcome), content(outcome)) == (400, b'{"detail":"There was an error parsing the body"}')


class Shouting(formparsers.FormParser):
    async def parse(self) -> FormData:
        return FormData([(name, str(value).upper()) for name, value in (await super().parse()).multi_items()])


def test_a_replaced_parser_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    body = {"method": "POST", "headers": URLENCODED, "body": [b"name=a"]}
    assert b'"a"' in content(send(app, "/fields", **body))
    monkeypatch.setattr(requests, "FormParser", Shouting)
    assert b'"A"' in content(send(app, "/fields", **body))
    monkeypatch.undo()
    assert b'"a"' in content(send(app, "/fields", **body))


async def _nobody(fields: Any, body: Any) -> dict[str, Any]:
    return {"name": "nobody"}


def test_a_replaced_function_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    body = {"method": "POST", "headers": URLENCODED, "body": [b"name=a"]}
    monkeypatch.setattr(utils, "_extract_form_body", _nobody)
    assert b'"nobody"' in content(send(app, "/fields", **body))


def test_a_limit_of_the_users_own_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    body = {"method": "POST", "headers": MULTIPART, "body": [part("file", b"xyz", "f") + END]}
    assert b'"on disk":false' in content(send(app, "/all", **body))
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2)
    assert b'"on disk":true' in content(send(app, "/all", **body))


def test_uploads_beyond_the_limit_are_not_kept_in_memory() -> None:
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(file: UploadFile) -> Any:
        return [file.size, file.file._rolled]  # type: ignore[attr-defined]

    head, tail = part("file", b"@", "f").split(b"@")
    block = b"x" * 65536
    alive: list[int] = []

    async def upload() -> list[Any]:
        parts = [head, *[b""] * 512, tail + END]
        sent: list[Any] = []

        async def receive() -> Any:
            kept = parts.pop(0)
            data = bytes(bytearray(block)) if kept == b"" else kept
            return {"type": "http.request", "body": data, "more_body": bool(parts)}

        async def keep(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": MULTIPART, "query_string": b""}
        await app(scope, receive, keep)
        return sent

    tracemalloc.start()
    sent = asyncio.run(upload())
    alive.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert sent[1]["body"] == b"[%d,true]" % (512 * 65536)
    assert alive[0] < 8 * MEBIBYTE


def test_a_spooled_file_in_memory_is_like_one_that_was_written() -> None:
    """The extension puts the bytes where `SpooledTemporaryFile` keeps them."""
    with tempfile.SpooledTemporaryFile(max_size=9) as file:
        assert type(vars(file)["_file"]) is io.BytesIO
