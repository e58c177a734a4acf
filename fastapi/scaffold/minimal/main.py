"""The service: what it serves, and what happens when it starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from config import get_settings
from database import create_tables
from routers import notes


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    create_tables(get_settings().database)
    yield


app = FastAPI(title="minimal-service", version="0.1.0", lifespan=lifespan)
app.include_router(notes.router)


@app.get("/health", tags=["health"])
async def read_health() -> dict[str, str]:
    """Says that the process serves requests."""
    return {"status": "ok"}
