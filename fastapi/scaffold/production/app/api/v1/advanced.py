"""Streams, events, work elsewhere, and requests to others."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query
from fastapi.responses import StreamingResponse
from sse_starlette.sse import EventSourceResponse

from app.core.events import Event
from app.core.security import Permission
from app.dependencies.auth import Principal, Require
from app.dependencies.resources import CurrentResources
from app.models import utc_now
from app.schemas.advanced import (
    AuditView,
    Computation,
    Computed,
    Done,
    EventName,
    FetchedView,
    Publication,
    Published,
    Sample,
    Summary,
)
from app.services.cache import cache_result
from app.utils.data_processing import count_primes, summarise

router = APIRouter(tags=["advanced"])
QUEUE_LENGTH = 100
DEMO_SECONDS = 0.1
Worker = Annotated[Principal, Depends(Require(Permission.WORK_START))]


@router.get("/async-demo")
async def async_demo() -> Done:
    """Waits without holding anyone else up."""
    await asyncio.sleep(DEMO_SECONDS)
    return Done(result="completed", type="async")


def _block() -> str:
    time.sleep(DEMO_SECONDS)
    return "completed"


@router.get("/blocking-demo")
async def blocking_demo(resources: CurrentResources) -> Done:
    """Waits in a thread; 503 where too many wait already."""
    return Done(result=await resources.threads.run(_block), type="blocking")


@cache_result(ttl=60)
async def _expensive(parameter: str) -> str:
    await asyncio.sleep(DEMO_SECONDS)
    return f"Result for {parameter}"


@router.get("/cached-demo")
async def cached_demo(parameter: Annotated[str, Query(max_length=50)] = "nothing") -> Done:
    """Computes at most once in a minute for each parameter, whoever asks."""
    return Done(result=await _expensive(parameter), type="cached")


@router.post("/background-demo", status_code=202)
async def background_demo(worker: Worker, resources: CurrentResources, tasks: BackgroundTasks) -> Done:
    """Answers first and works then."""
    tasks.add_task(resources.audit.record, "background.done", worker.user.id)
    return Done(result="accepted", type="background")


@router.post("/cpu-intensive")
async def cpu_intensive(data: Computation, worker: Worker, resources: CurrentResources) -> Computed:
    """Computes in another process; 503 where too much waits already."""
    return Computed(result=await resources.processes.run(count_primes, data.iterations))


@router.post("/statistics")
async def statistics(data: Sample, worker: Worker, resources: CurrentResources) -> Summary:
    """Summarises numbers in another process."""
    return Summary.model_validate(await resources.processes.run(summarise, data.values))


@router.get("/stream", response_class=StreamingResponse)
async def stream(rows: Annotated[int, Query(ge=1, le=10_000)] = 100) -> StreamingResponse:
    """Rows of JSON as they are made (application/x-ndjson)."""

    async def make() -> AsyncIterator[str]:
        for row in range(rows):
            yield json.dumps({"row": row, "square": row * row}) + "\n"
            if row % 100 == 0:
                await asyncio.sleep(0)

    return StreamingResponse(make(), media_type="application/x-ndjson")


@router.get("/sse/stream", response_class=EventSourceResponse)
async def sse_stream(
    count: Annotated[int | None, Query(ge=1, le=1000, description="without it: until you leave")] = None,
    seconds: Annotated[float, Query(ge=0, le=60)] = 1,
) -> EventSourceResponse:
    """The time, as events (text/event-stream)."""

    async def tick() -> AsyncIterator[dict[str, str]]:
        number = 0
        while count is None or number < count:
            yield {"id": str(number), "data": json.dumps({"time": utc_now().isoformat()})}
            number += 1
            # Even whoever asks for no pause must let others in.
            await asyncio.sleep(seconds)

    return EventSourceResponse(tick())


@router.post("/events", status_code=202)
async def publish_event(
    data: Publication,
    publisher: Annotated[Principal, Depends(Require(Permission.EVENTS_PUBLISH))],
    resources: CurrentResources,
) -> Published:
    """Tell an event to all subscribers, here and in other processes."""
    return Published(delivered=await resources.events.publish(data.name, data.data))


@router.get("/events/{name}", response_class=EventSourceResponse)
async def subscribe_to_events(
    name: EventName,
    subscriber: Annotated[Principal, Depends(Require(Permission.EVENTS_PUBLISH))],
    resources: CurrentResources,
    count: Annotated[int | None, Query(ge=1, le=1000)] = None,
) -> EventSourceResponse:
    """The events of a name from now on (text/event-stream)."""
    queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_LENGTH)

    def take(event: Event) -> None:
        if queue.full():
            queue.get_nowait()  # who does not keep up loses the oldest
        queue.put_nowait(event)

    unsubscribe = resources.events.subscribe(name, take)

    async def tell() -> AsyncIterator[dict[str, str]]:
        try:
            number = 0
            while count is None or number < count:
                yield {"id": str(number), "event": name, "data": json.dumps(await queue.get())}
                number += 1
        finally:
            unsubscribe()

    return EventSourceResponse(tell())


@router.get("/fetch")
async def fetch(
    url: Annotated[str, Query(max_length=2000)],
    sender: Annotated[Principal, Depends(Require(Permission.REQUESTS_SEND))],
    resources: CurrentResources,
) -> FetchedView:
    """Ask another service of the public network."""
    found = await resources.requests.fetch(url)
    return FetchedView(url=found.url, status=found.status, media_type=found.media_type, size=len(found.body))


@router.get("/audit")
async def audit(
    reader: Annotated[Principal, Depends(Require(Permission.AUDIT_READ))],
    resources: CurrentResources,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    action: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z.]+$")] = None,
) -> list[AuditView]:
    """The newest entries of the audit log."""
    return [AuditView.model_validate(record) for record in await resources.audit.latest(limit, action)]
