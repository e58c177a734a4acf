"""Uploads: bytes and UploadFile, one and many, beside form fields."""

from typing import Annotated, Optional, Union

from pydantic import BaseModel

from fastapi import FastAPI, File, Form, UploadFile

app = FastAPI()


async def described(upload: UploadFile | None):
    if upload is None:
        return None
    content = await upload.read()
    return {
        "type": f"{type(upload).__module__}.{type(upload).__name__}",
        "filename": upload.filename,
        "size": upload.size,
        "content_type": upload.content_type,
        "headers": upload.headers.items(),
        "content": content.decode("latin-1"),
        "rolled": getattr(upload, "_in_memory", None),
    }


@app.post("/bytes")
def as_bytes(file: Annotated[bytes, File()]):
    return [type(file).__name__, len(file), file.decode("latin-1")]


@app.post("/bytes-old")
async def as_bytes_old(file: bytes = File(..., description="Old", min_length=2, max_length=20)):
    return len(file)


@app.post("/bytes-optional")
def as_bytes_optional(file: Optional[bytes] = File(None)):
    return None if file is None else len(file)


@app.post("/bytes-list")
def as_bytes_list(files: Annotated[list[bytes], File()]):
    return [len(file) for file in files]


@app.post("/upload")
async def upload(file: UploadFile):
    return await described(file)


@app.post("/upload-annotated")
async def upload_annotated(file: Annotated[UploadFile, File(description="Annotated", alias="the-file")]):
    return await described(file)


@app.post("/upload-optional")
async def upload_optional(file: UploadFile | None = None):
    return await described(file)


@app.post("/upload-list")
async def upload_list(files: list[UploadFile]):
    return [await described(file) for file in files]


@app.post("/upload-list-optional")
async def upload_list_optional(files: Annotated[Optional[list[UploadFile]], File()] = None):
    return None if files is None else [await described(file) for file in files]


@app.post("/upload-tuple")
async def upload_tuple(files: tuple[UploadFile, ...]):
    return [await described(file) for file in files]


@app.post("/upload-sync")
def upload_sync(file: UploadFile):
    return [file.filename, file.file.read().decode("latin-1")]


@app.post("/mixed")
async def mixed(
    file: Annotated[bytes, File()],
    fileb: Annotated[UploadFile, File()],
    token: Annotated[str, Form()],
    numbers: Annotated[list[int], Form()] = [],
):
    return [len(file), await described(fileb), token, numbers]


@app.post("/union")
async def union(file: Annotated[Union[UploadFile, str], File()]):
    return repr(type(file).__name__)


class Upload(BaseModel):
    name: str
    file: UploadFile
    others: list[UploadFile] = []


@app.post("/model")
async def model(data: Annotated[Upload, Form()]):
    return [data.name, await described(data.file), len(data.others)]


@app.post("/forwarded")
async def forwarded(file: UploadFile):
    await file.seek(1)
    head = await file.read(3)
    await file.write(b"!")
    await file.seek(0)
    everything = await file.read()
    await file.close()
    return [head.decode("latin-1"), everything.decode("latin-1"), file.file.closed]


@app.put("/returned")
async def returned(file: UploadFile):
    return {"filename": file.filename, "file": str(file)}


A = ("file", "a.txt", "text/plain", b"hello")
EXAMPLES = (
    [
        {"request": f"POST {path}", "multipart": parts}
        for path in (
            "/bytes",
            "/bytes-old",
            "/bytes-optional",
            "/upload",
            "/upload-optional",
            "/upload-sync",
            "/union",
            "/forwarded",
        )
        for parts in (
            [A],
            [("file", "", None, b"")],
            [("file", "e", None, b"")],
            [("file", None, None, b"plain")],
            [("other", "x", None, b"x")],
            [A, ("file", "b.txt", "a/b", b"second")],
            [("file", "ñ☃.bin", None, bytes(range(256)))],
        )
    ]
    + [
        {"request": f"POST {path}", "multipart": parts}
        for path in ("/bytes-list", "/upload-list", "/upload-list-optional", "/upload-tuple")
        for parts in (
            [("files", "a", None, b"1"), ("files", "b", "x/y", b"22")],
            [("files", None, None, b"1"), ("files", "b", "x/y", b"22")],
            [("files", "", None, b"")],
            [],
        )
    ]
    + [
        {"request": "POST /upload", "multipart": [("file", "big", None, b"x" * 1_100_000)]},
        {"request": "POST /upload-annotated", "multipart": [("the-file", "a", None, b"x")]},
        {"request": "POST /upload-annotated", "multipart": [A]},
        {"request": "POST /upload", "form": "file=x"},
        {"request": "POST /upload", "json": {"file": "x"}},
        "POST /upload",
        "POST /upload-optional",
        "POST /upload-list-optional",
        {
            "request": "POST /mixed",
            "multipart": [
                A,
                ("fileb", "b", None, b"b"),
                ("token", None, None, b"t"),
                ("numbers", None, None, b"1"),
            ],
        },
        {"request": "POST /mixed", "multipart": [("token", "t", None, b"t"), ("numbers", None, None, b"x")]},
        {"request": "POST /mixed", "form": "token=t&file=x&fileb=y"},
        {"request": "POST /model", "multipart": [("name", None, None, b"n"), A, ("others", "o", None, b"1")]},
        {"request": "POST /model", "multipart": [("name", None, None, b"n")]},
        {"request": "PUT /returned", "multipart": [A]},
    ]
)
