"""Health for people, probes for orchestrators, metrics for Prometheus."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.security import Permission
from app.core.telemetry import BREAKERS_OPEN, render_metrics
from app.dependencies.auth import Principal, Require
from app.dependencies.resources import CurrentResources
from app.exceptions.custom_exceptions import Unauthenticated
from app.schemas.health import ComponentView, HealthDetailView, HealthView
from app.utils.circuit_breaker import State

router = APIRouter(tags=["health"])


@router.get("/health")
async def health_check() -> HealthView:
    """The process answers."""
    return HealthView(status="ok")


@router.get("/health/live")
async def live_probe() -> HealthView:
    """Whether the process should go on: it depends on nothing else, as a restart would mend nothing else."""
    return HealthView(status="ok")


@router.get("/health/ready", responses={503: {"model": HealthView}})
async def ready_probe(resources: CurrentResources, response: Response) -> HealthView:
    """Whether to send requests here: 503 while the database is out of reach, degraded without the others."""
    state, _ = await resources.health.examine()
    response.status_code = 503 if state == "unavailable" else 200
    return HealthView(status=state)


@router.get("/health/detailed")
async def detailed_health_check(
    reader: Annotated[Principal, Depends(Require(Permission.HEALTH_DETAILS))], resources: CurrentResources
) -> HealthDetailView:
    """How every component answers, and which breakers are open."""
    state, findings = await resources.health.examine()
    return HealthDetailView(
        status=state,
        environment=resources.settings.environment.value,
        components=[ComponentView.model_validate(finding) for finding in findings],
        breakers={breaker.name: breaker.state.value for breaker in resources.breakers},
    )


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics_endpoint(request: Request, resources: CurrentResources) -> Response:
    """Metrics, for who knows ``METRICS_TOKEN`` where one is set."""
    expected = resources.settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if expected and not secrets.compare_digest(given.encode(), expected.get_secret_value().encode()):
        raise Unauthenticated
    for breaker in resources.breakers:
        BREAKERS_OPEN.labels(breaker.name).set(breaker.state is not State.CLOSED)
    body, media_type = render_metrics()
    return Response(body, media_type=media_type)
