"""Security with scopes through several levels of dependencies, and how scopes split the cache."""

from typing import Annotated, Any

from pydantic import BaseModel

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Security
from fastapi.security import HTTPBearer, OAuth2PasswordBearer, SecurityScopes

trace: list[str] = []
oauth2 = OAuth2PasswordBearer(
    tokenUrl="token", scopes={"me": "Read me", "items": "Read items", "admin": "Everything"}
)


class User(BaseModel):
    name: str
    scopes: list[str] = []


USERS = {"admin": ["me", "items", "admin"], "token": ["me"], "a b": ["items"]}


async def current_user(scopes: SecurityScopes, token: Annotated[str, Depends(oauth2)]):
    trace.append(f"current_user {scopes.scope_str}")
    if token not in USERS:
        raise HTTPException(
            401, "Unknown", headers={"WWW-Authenticate": f'Bearer scope="{scopes.scope_str}"'}
        )
    missing = [scope for scope in scopes.scopes if scope not in USERS[token]]
    if missing:
        raise HTTPException(403, {"missing": missing})
    return User(name=token, scopes=scopes.scopes)


async def active_user(user: Annotated[User, Security(current_user, scopes=["me"])]):
    return user


def counting(scopes: SecurityScopes):
    trace.append(f"counting {scopes.scopes}")
    return [len(trace), scopes.scopes, scopes.scope_str]


def nested_counting(value: Annotated[Any, Depends(counting)]):
    return value


def yielding(scopes: SecurityScopes):
    trace.append(f"enter {scopes.scopes}")
    yield scopes.scopes
    trace.append(f"exit {scopes.scopes}")


app = FastAPI()


@app.get("/me")
def me(user: Annotated[User, Depends(active_user)]):
    return user


@app.get("/items")
def items(user: Annotated[User, Security(active_user, scopes=["items"])]):
    return user


@app.get("/admin")
def admin(user: User = Security(active_user, scopes=["admin", "items"])):
    return user


@app.get(
    "/parameterless",
    dependencies=[Security(current_user, scopes=["items"]), Security(counting, scopes=["z"])],
)
def parameterless(user: Annotated[User, Depends(current_user)]):
    return user


@app.get("/cache")
def cache(
    a: Annotated[Any, Security(counting, scopes=["a", "b"])],
    b: Annotated[Any, Security(counting, scopes=["b", "a"])],
    c: Annotated[Any, Security(counting, scopes=["a"])],
    d: Annotated[Any, Depends(counting)],
    e: Annotated[Any, Security(nested_counting, scopes=["a"])],
    f: Annotated[Any, Security(nested_counting, scopes=["f", "f"])],
    g: Annotated[Any, Depends(nested_counting)],
    h: Annotated[Any, Security(counting, scopes=["a"], use_cache=False)],
):
    return [a, b, c, d, e, f, g, h]


@app.get("/yielding")
def with_yielding(
    a: Annotated[Any, Security(yielding, scopes=["a"])],
    b: Annotated[Any, Security(yielding, scopes=["b"])],
    c: Annotated[Any, Security(yielding, scopes=["a"])],
):
    return [a, b, c]


@app.get("/two-schemes")
def two_schemes(
    a: Annotated[str, Depends(oauth2)],
    b: Annotated[Any, Security(HTTPBearer(auto_error=False), scopes=["x"])],
):
    return [a, b]


router = APIRouter(prefix="/router", dependencies=[Security(current_user, scopes=["me"])])


@router.get("/inner", dependencies=[Security(current_user, scopes=["items"])])
def inner(user: Annotated[User, Security(current_user, scopes=["admin"])]):
    return user


app.include_router(router, dependencies=[Security(counting, scopes=["outer"])])

EXAMPLES = [
    {"request": f"GET {path}", "headers": {"authorization": value}}
    for path in (
        "/me",
        "/items",
        "/admin",
        "/parameterless",
        "/cache",
        "/yielding",
        "/two-schemes",
        "/router/inner",
    )
    for value in ("Bearer admin", "Bearer token", "Bearer a b", "Bearer nobody", "Basic x")
] + ["GET /me", "GET /cache"]
