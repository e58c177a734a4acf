"""The application: ``fastapi run app/main.py``, or ``uvicorn app.main:app``."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace.export import SpanExporter

from app.admin.routes import add_admin
from app.api import v1
from app.api.documentation import add_documentation
from app.api.v1 import health, keys
from app.core.config import Settings, get_settings
from app.core.logger import configure_logging
from app.core.telemetry import open_metrics, open_tracing
from app.exceptions.handlers import MEDIA_TYPE, Problem, add_exception_handlers
from app.middlewares.compression import CompressionMiddleware
from app.middlewares.custom_middlewares import (
    BodyLimitMiddleware,
    HostMiddleware,
    ProblemCORSMiddleware,
    RequestContextMiddleware,
)
from app.middlewares.rate_limit import RateLimitMiddleware
from app.middlewares.resilience import TimeoutMiddleware
from app.middlewares.security_headers import SecurityHeadersMiddleware
from app.services.resources import open_resources

PAGES = ("/docs", "/redoc", "/admin", "/static")
PAGE_FILES = ("/static/", "/admin/static/")
PROBES = tuple(f"{prefix}/health{probe}" for prefix in ("", "/api/v1") for probe in ("", "/live", "/ready"))
UPLOADS = "/api/v1/files"
# Pages with tokens in their forms, tokens, files that are read in ranges.
UNCOMPRESSED = ("/admin", "/api/v1/auth", "/api/v1/security", UPLOADS)
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")


def create_app(settings: Settings | None = None, exporter: SpanExporter | None = None) -> FastAPI:
    """The application with these settings, those of the environment where none are given."""
    settings = settings or get_settings()
    configure_logging(settings.log_level)
    tracing = open_tracing(settings, exporter)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_metrics(app.state.settings.workers):
            async with open_resources(app.state.settings, tracing) as resources:
                app.state.resources = resources
                yield
        if tracing is not None:
            await asyncio.to_thread(tracing.shutdown)  # sends what waits

    app = FastAPI(
        title=settings.app_name,
        version="1.0.0",
        debug=settings.debug,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"default": {"model": Problem, "description": "What went wrong"}},
    )
    app.state.settings = settings
    add_exception_handlers(app)
    app.include_router(v1.router)
    app.include_router(keys.router)
    app.include_router(health.router, include_in_schema=False)  # where orchestrators look for them
    add_documentation(app)
    add_admin(app, settings)
    _add_middlewares(app, settings)
    if tracing is not None:
        app.add_middleware(OpenTelemetryMiddleware, tracer_provider=tracing)
    _describe_problems(app)
    return app


def _add_middlewares(app: FastAPI, settings: Settings) -> None:
    """From the innermost to the outermost."""
    app.add_middleware(TimeoutMiddleware, seconds=settings.request_timeout_seconds)
    app.add_middleware(
        BodyLimitMiddleware,
        limit=settings.max_body_bytes,
        upload_limit=settings.max_upload_bytes,
        upload_path=UPLOADS,
    )
    app.add_middleware(CompressionMiddleware, never=UNCOMPRESSED)
    app.add_middleware(RateLimitMiddleware, proxies=settings.proxies, exempt=PROBES, exempt_below=PAGE_FILES)
    app.add_middleware(
        ProblemCORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=["Authorization", "Content-Type", "Range", "X-Request-ID", *CONDITIONS],
        expose_headers=[
            "Allow",
            "Content-Disposition",
            "ETag",
            "Last-Modified",
            "Location",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "X-Request-ID",
        ],
        max_age=600,
    )
    app.add_middleware(HostMiddleware, allowed_hosts=settings.allowed_hosts, exempt=PROBES)
    app.add_middleware(RequestContextMiddleware)
    app.add_middleware(SecurityHeadersMiddleware, pages=PAGES, transport_security=settings.environment.strict)


def _describe_problems(app: FastAPI) -> None:
    """Say in the OpenAPI document that errors are of the media type they are of."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in describe()["paths"].values():
                for operation in path.values():
                    content = operation["responses"]["default"]["content"]
                    content[MEDIA_TYPE] = content.pop("application/json")
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]


app = create_app()
