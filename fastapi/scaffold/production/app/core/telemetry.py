"""Metrics for Prometheus and traces for OpenTelemetry."""

import contextlib
import functools
import os
import pathlib
from collections.abc import Callable, Iterator

import httpx
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.logger import get_logger

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("http_request_duration_seconds", "Time to answer", ["method", "route"])
REQUESTS_IN_PROGRESS = Gauge(
    "http_requests_in_progress", "Requests being answered", multiprocess_mode="livesum"
)
BREAKERS_OPEN = Gauge(
    "circuit_breakers_open", "1 where a breaker is not closed", ["name"], multiprocess_mode="livemax"
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
logger = get_logger(__name__)


@contextlib.contextmanager
def open_metrics(workers: int) -> Iterator[None]:
    """Keep the metrics of this worker, until its end, where those of all workers are added up: in the folder that
    ``PROMETHEUS_MULTIPROC_DIR`` names, which must be empty when the first of them starts."""
    if FOLDER not in os.environ:
        if workers > 1:
            logger.warning("metrics_of_one_worker", missing=FOLDER)
        yield
        return
    try:
        yield
    finally:
        multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


def forget_ended(folder: str) -> None:
    """Remove what workers were doing that were killed: they could not do it themselves. What they counted stays."""
    for path in pathlib.Path(folder).glob("gauge_live*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except PermissionError:  # someone else's process: the number was given away again
            continue


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request. Methods are whatever clients send, so unknown ones share a name."""
    known = method if method in METHODS else "other"
    _counter(known, route, status).inc()
    _histogram(known, route).observe(seconds)


@functools.cache
def _counter(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@functools.cache
def _histogram(method: str, route: str) -> Histogram:
    return REQUEST_SECONDS.labels(method, route)


def render_metrics() -> tuple[bytes, str]:
    """The metrics of all workers where ``PROMETHEUS_MULTIPROC_DIR`` is set, else of this one; and their media type."""
    registry = REGISTRY
    if FOLDER in os.environ:
        forget_ended(os.environ[FOLDER])
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def open_tracing(settings: Settings, exporter: SpanExporter | None = None) -> TracerProvider | None:
    """What sends traces to ``OTLP_ENDPOINT``; nothing is traced where it is not set."""
    if exporter is None:
        if settings.otlp_endpoint is None:
            return None
        exporter = OTLPSpanExporter(endpoint=settings.otlp_endpoint)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: settings.app_name}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def trace_database(engine: AsyncEngine, provider: TracerProvider) -> Callable[[], None]:
    """Make a span of every statement; returns what ends that."""
    instrumentor = SQLAlchemyInstrumentor()
    instrumentor.instrument(engine=engine.sync_engine, tracer_provider=provider)
    return lambda: instrumentor.uninstrument()


def trace_redis(provider: TracerProvider) -> Callable[[], None]:
    """Make a span of every command to Redis, by whomever, without its values; returns what ends that."""
    instrumentor = RedisInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    return lambda: instrumentor.uninstrument()


def trace_requests(client: httpx.AsyncClient, provider: TracerProvider) -> None:
    """Make a span of every request to another service, and tell it the trace."""
    HTTPXClientInstrumentor.instrument_client(client, tracer_provider=provider)
