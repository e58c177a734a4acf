"""Streams, chat, events, work elsewhere, and requests to others."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query, WebSocket
from fastapi.responses import StreamingResponse
from sse_starlette.sse import EventSourceResponse

from app.api.v1.chat import talk
from app.core.events import Event, event_bus
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
    SampleSummary,
)
from app.services.cache import cache_result
from app.utils.concurrency import run_in_process_pool, run_in_thread_pool
from app.utils.data_processing import cpu_intensive_calculation, summarise, summarise_groups

router = APIRouter(tags=["advanced"])
QUEUE_LENGTH = 100
Worker = Annotated[Principal, Depends(Require(Permission.WORK_START))]


@router.get("/async-demo")
async def async_operation_demo(resources: CurrentResources) -> Done:
    """Waits without holding anyone else up."""
    await asyncio.sleep(resources.settings.demo_seconds)
    return Done(result="completed", type="async")


@router.get("/blocking-demo")
async def blocking_operation_demo(resources: CurrentResources) -> Done:
    """Waits in a thread; 503 where too many wait already."""

    def blocking_task() -> str:
        time.sleep(resources.settings.demo_seconds)
        return "completed"

    return Done(result=await run_in_thread_pool(blocking_task), type="blocking")


@cache_result(ttl=60)
async def expensive_operation(param: str, seconds: float = 2) -> str:
    """Takes that long, once in a minute."""
    await asyncio.sleep(seconds)
    return f"Result for {param}"


@router.get("/cached-demo")
async def cached_operation_demo(
    resources: CurrentResources, parameter: Annotated[str, Query(max_length=50)] = "nothing"
) -> Done:
    """Computes at most once in a minute for each parameter, whoever asks."""
    seconds = 2 * resources.settings.demo_seconds
    return Done(result=await expensive_operation(parameter, seconds), type="cached")


@router.post("/background-demo", status_code=202)
async def background_operation_demo(
    worker: Worker, resources: CurrentResources, tasks: BackgroundTasks
) -> Done:
    """Answers first and works then."""
    tasks.add_task(resources.audit.record, "background.done", worker.user.id)
    return Done(result="accepted", type="background")


@router.post("/cpu-intensive")
async def cpu_intensive_operation(data: Computation, worker: Worker) -> Computed:
    """Computes in another process; 503 where too much waits already."""
    return Computed(result=await run_in_process_pool(cpu_intensive_calculation, data.iterations))


@router.post("/statistics")
async def summarise_sample(data: Sample, worker: Worker) -> SampleSummary:
    """Summarises numbers, and those of each group, in another process."""
    groups = await run_in_process_pool(summarise_groups, data.values, data.groups) if data.groups else {}
    summary = await run_in_process_pool(summarise, data.values)
    return SampleSummary.model_validate({**summary, "groups": groups})


@router.get("/stream", response_class=StreamingResponse)
async def stream_data(rows: Annotated[int, Query(ge=1, le=10_000)] = 100) -> StreamingResponse:
    """Rows of JSON as they are made (application/x-ndjson)."""

    async def make() -> AsyncIterator[str]:
        for row in range(rows):
            yield json.dumps({"row": row, "square": row * row}) + "\n"
            if row % 100 == 0:
                await asyncio.sleep(0)

    return StreamingResponse(make(), media_type="application/x-ndjson")


@router.get("/sse/stream", response_class=EventSourceResponse)
async def sse_endpoint(
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


@router.websocket("/ws/chat")
async def websocket_endpoint(
    websocket: WebSocket,
    resources: CurrentResources,
    room: Annotated[str, Query(pattern=r"^[\w-]{1,64}$")] = "lobby",
) -> None:
    """Talk in a room."""
    await talk(websocket, resources, room)


@router.post("/events", status_code=202)
async def publish_event(
    data: Publication,
    publisher: Annotated[Principal, Depends(Require(Permission.EVENTS_PUBLISH))],
) -> Published:
    """Tell an event to all subscribers, here and in other processes."""
    return Published(delivered=await event_bus.publish(data.name, data.data))


@router.get("/events/{name}", response_class=EventSourceResponse)
async def subscribe_to_events(
    name: EventName,
    subscriber: Annotated[Principal, Depends(Require(Permission.EVENTS_PUBLISH))],
    count: Annotated[int | None, Query(ge=1, le=1000)] = None,
) -> EventSourceResponse:
    """The events of a name from now on (text/event-stream)."""
    queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_LENGTH)

    def take(event: Event) -> None:
        if queue.full():
            queue.get_nowait()  # who does not keep up loses the oldest
        queue.put_nowait(event)

    unsubscribe = event_bus.subscribe(name, take)

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
