"""Startup and shutdown events, of the application and of routers, and a lifespan that fails."""

from fastapi import APIRouter, FastAPI

trace: list[str] = []


def note(text: str):
    def handler():
        trace.append(text)

    return handler


async def asynchronous():
    trace.append("async startup")


app = FastAPI(on_startup=[note("argument startup"), asynchronous], on_shutdown=[note("argument shutdown")])
router = APIRouter(on_startup=[note("router startup")], on_shutdown=[note("router shutdown")])


@app.on_event("startup")
async def started():
    trace.append("event startup")
    app.state.started = True


@app.on_event("shutdown")
def stopped():
    trace.append("event shutdown")
    raise RuntimeError("shutdown failed")


@router.on_event("startup")
def router_started():
    trace.append("router event startup")


@router.get("/x")
def x():
    return app.state.started


app.include_router(router)
app.add_event_handler("startup", note("added startup"))

EXAMPLES = ["GET /x"]
