"""An application as people write them: routers, models, a store, security, background work, an upload, a template."""

import hashlib
from typing import Annotated, Any

from jinja2 import DictLoader, Environment
from pydantic import BaseModel, ConfigDict, Field

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    UploadFile,
    status,
)
from fastapi.responses import HTMLResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from fastapi.templating import Jinja2Templates

trace: list[str] = []
templates = Jinja2Templates(
    env=Environment(
        loader=DictLoader(
            {"item.html": "<h1>{{ name }}</h1><a href='{{ url_for('read', item_id=id) }}'>x</a>"}
        ),
        autoescape=True,
    )
)
oauth2 = OAuth2PasswordBearer(tokenUrl="/token")


class ItemIn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(min_length=1, max_length=20)
    price: float = Field(gt=0)
    tags: set[str] = set()


class Item(ItemIn):
    id: int
    owner: str | None = None


class Problem(BaseModel):
    detail: str


class Store:
    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.next = 1

    def add(self, item: ItemIn, owner: str | None) -> Item:
        stored = Item(**item.model_dump(), id=self.next, owner=owner)
        self.items[stored.id] = stored
        self.next += 1
        return stored


store = Store()


def get_store():
    trace.append("open")
    try:
        yield store
    finally:
        trace.append("close")


async def user(token: Annotated[str, Depends(oauth2)]) -> str:
    if not token.startswith("token-"):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Invalid credentials", {"WWW-Authenticate": "Bearer"}
        )
    return token.removeprefix("token-")


class Pagination:
    def __init__(self, skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(le=100)] = 10):
        self.skip, self.limit = skip, limit


Stored = Annotated[Store, Depends(get_store)]
User = Annotated[str, Depends(user)]
app = FastAPI(title="Shop", version="1.0")
router = APIRouter(prefix="/items", tags=["items"], responses={404: {"model": Problem}})


@app.post("/token")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    if form.password != "secret":
        raise HTTPException(400, "Incorrect username or password")
    return {"access_token": f"token-{form.username}", "token_type": "bearer"}


@router.get("/", response_model=list[Item])
def browse(store: Stored, page: Annotated[Pagination, Depends()], tag: str | None = None):
    found = [item for item in store.items.values() if tag is None or tag in item.tags]
    return found[page.skip : page.skip + page.limit]


@router.post("/", status_code=201, response_model=Item, response_model_exclude_none=True)
async def add(item: ItemIn, store: Stored, user: User, response: Response, tasks: BackgroundTasks):
    stored = store.add(item, user)
    response.headers["Location"] = f"/items/{stored.id}"
    tasks.add_task(trace.append, f"mail {stored.id}")
    return stored


@router.get("/{item_id}", response_model=Item)
def read(item_id: Annotated[int, Path(ge=1)], store: Stored):
    if item_id not in store.items:
        raise HTTPException(404, "Item not found", headers={"X-Error": "There goes my error"})
    return store.items[item_id]


@router.patch("/{item_id}")
async def change(item_id: int, store: Stored, user: User, changes: Annotated[dict[str, Any], Body()]) -> Item:
    item = read(item_id, store)
    return item.model_copy(update={key: value for key, value in changes.items() if key in ("name", "price")})


@router.delete("/{item_id}", status_code=204)
def remove(item_id: int, store: Stored, user: User) -> None:
    if store.items.pop(item_id, None) is None:
        raise HTTPException(404)


@router.get("/{item_id}/page", response_class=HTMLResponse)
def page(request: Request, item_id: int):
    return templates.TemplateResponse(
        request, "item.html", {"name": "<Item>", "id": item_id}, headers={"X-Page": "1"}
    )


@router.post("/{item_id}/image")
async def image(
    item_id: int,
    file: Annotated[UploadFile, File()],
    note: Annotated[str, Form()] = "",
    x_md5: Annotated[str | None, Header()] = None,
):
    digest = hashlib.md5(await file.read()).hexdigest()
    if x_md5 not in (None, digest):
        raise HTTPException(409, {"expected": x_md5, "found": digest})
    return {"digest": digest, "note": note, "type": file.content_type}


app.include_router(router)

ANN = {"authorization": "Bearer token-ann"}
EXAMPLES = [
    {"request": "POST /token", "form": "username=ann&password=secret"},
    {"request": "POST /token", "form": "username=ann&password=wrong"},
    {"request": "POST /items/", "json": {"name": "a", "price": 1.5, "tags": ["x"]}, "headers": ANN},
    {"request": "POST /items/", "json": {"name": "b", "price": 2}, "headers": ANN},
    {"request": "POST /items/", "json": {"name": "", "price": 0}, "headers": ANN},
    {"request": "POST /items/", "json": {"name": "c", "price": 1}},
    {"request": "POST /items/", "json": {"name": "c", "price": 1}, "headers": {"authorization": "Bearer x"}},
    {"request": "POST /items", "json": {"name": "c", "price": 1}, "headers": ANN},
    "GET /items/",
    "GET /items/?tag=x&limit=1",
    "GET /items/?skip=-1&limit=101",
    "GET /items/1",
    "GET /items/99",
    "GET /items/0",
    {"request": "PATCH /items/1", "json": {"name": "z", "price": "bad"}, "headers": ANN},
    {"request": "PATCH /items/1", "json": {"price": 9.99}, "headers": ANN},
    "GET /items/1/page",
    {"request": "GET /items/1/page", "root_path": "/shop"},
    {
        "request": "POST /items/1/image",
        "multipart": [("file", "i.png", "image/png", b"\x89PNG"), ("note", None, None, b"n")],
    },
    {
        "request": "POST /items/1/image",
        "multipart": [("file", "i.png", "image/png", b"x")],
        "headers": {"x-md5": "y"},
    },
    {"request": "DELETE /items/2", "headers": ANN},
    {"request": "DELETE /items/2", "headers": ANN},
]
