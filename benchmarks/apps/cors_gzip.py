"""The smallest application behind two of Starlette's middlewares."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware

app = FastAPI()
app.add_middleware(GZipMiddleware)
app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"])


@app.get("/")
async def hello():
    return {"hello": "world"}
