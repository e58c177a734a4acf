"""The smallest application behind one function registered with `@app.middleware("http")`."""

from fastapi import FastAPI, Request

app = FastAPI()


@app.middleware("http")
async def add_version(request: Request, call_next):
    response = await call_next(request)
    response.headers["x-version"] = "1"
    return response


@app.get("/")
async def hello():
    return {"hello": "world"}
