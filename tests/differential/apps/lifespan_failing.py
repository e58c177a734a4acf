"""A lifespan that fails at startup; requests come all the same."""

import contextlib

from fastapi import FastAPI

trace: list[str] = []


@contextlib.asynccontextmanager
async def lifespan(app):
    trace.append("up")
    raise RuntimeError("startup failed")
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/")
def root():
    return "root"


EXAMPLES = ["GET /"]
