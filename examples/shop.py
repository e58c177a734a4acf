"""A small shop: `fastapi run examples.shop:app`. Written against FastAPI's API only, so FastAPI runs it as well."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, Field

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Path,
    Query,
    Response,
    WebSocket,
    WebSocketDisconnect,
    status,
)
from fastapi.responses import HTMLResponse

PAGE = """<!doctype html>
<title>Shop</title>
<h1>fastapi-rs is running</h1>
<ul>
  <li><a href="/docs">/docs</a>: the API, to try out
  <li><a href="/redoc">/redoc</a>: the same, to read
  <li><a href="/openapi.json">/openapi.json</a>: the same, for machines
  <li><a href="/books?limit=2">/books?limit=2</a>: two books
  <li><a href="/books/0">/books/0</a>: one that is not there
  <li><a href="/books/one">/books/one</a>: a number that is none
</ul>
"""


class Genre(str, Enum):
    """What kind of book it is."""

    novel = "novel"
    science = "science"
    travel = "travel"


class NewBook(BaseModel):
    """A book as a client sends it."""

    title: str = Field(min_length=1, max_length=200, examples=["The Sea"])
    genre: Genre
    price: float = Field(gt=0, description="in euros")


class Book(NewBook):
    """A book as the shop keeps it."""

    id: int


class Shelf:
    """Every book that the shop has."""

    def __init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """Take everything off the shelf and count from 1 again."""
        self.books: dict[int, Book] = {}
        self.numbers = itertools.count(1)

    def add(self, new: NewBook) -> Book:
        """Give ``new`` the next number and keep it."""
        book = Book(id=next(self.numbers), **new.model_dump())
        self.books[book.id] = book
        return book


shelf = Shelf()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Fill the shelf before the first request."""
    for title, genre, price in (
        ("The Sea", Genre.novel, 12.5),
        ("On Ice", Genre.travel, 18.0),
        ("A Short Course in Light", Genre.science, 31.9),
    ):
        shelf.add(NewBook(title=title, genre=genre, price=price))
    yield
    shelf.empty()


def clerk(x_clerk: Annotated[str, Header(description="who is asking", min_length=2)]) -> str:
    """The name in the header ``X-Clerk``; without it a request changes nothing."""
    return x_clerk


def found(number: Annotated[int, Path(ge=0, description="the number of the book")]) -> Book:
    """The book that the path names."""
    book = shelf.books.get(number)
    if book is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"There is no book {number}")
    return book


def note(who: str, book: Book) -> None:
    """Write down who added what, once the answer is on its way."""
    print(f"{who} added {book.title}")


books = APIRouter(prefix="/books", tags=["books"])


@books.get("", response_model=list[Book])
def list_books(
    genre: Genre | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[Book]:
    """The books of one genre or of all, the oldest first."""
    return [book for book in shelf.books.values() if genre in (None, book.genre)][:limit]


@books.get("/{number}")
async def read_book(book: Annotated[Book, Depends(found)]) -> Book:
    """One book."""
    return book


@books.post("", status_code=status.HTTP_201_CREATED)
async def add_book(
    new: NewBook, who: Annotated[str, Depends(clerk)], response: Response, tasks: BackgroundTasks
) -> Book:
    """Put a book on the shelf."""
    book = shelf.add(new)
    response.headers["Location"] = f"/books/{book.id}"
    tasks.add_task(note, who, book)
    return book


@books.delete("/{number}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(clerk)])
async def remove_book(book: Annotated[Book, Depends(found)]) -> None:
    """Take a book off the shelf."""
    del shelf.books[book.id]


app = FastAPI(title="Shop", summary="A small shop on fastapi-rs", version="1.0.0", lifespan=lifespan)
app.include_router(books)


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
def home() -> str:
    """Where to look next."""
    return PAGE


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Send back what comes in."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass
