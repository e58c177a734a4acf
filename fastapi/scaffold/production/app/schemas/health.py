"""What probes and people are told of the service's health."""

from typing import Literal

from app.schemas.common import View

HealthState = Literal["ok", "degraded", "unavailable"]


class HealthView(View):
    """How it is."""

    status: HealthState


class ComponentView(View):
    """How one component answered."""

    name: str
    vital: bool
    healthy: bool
    milliseconds: float
    error: str | None


class HealthDetailView(HealthView):
    """How it is, in detail."""

    environment: str
    components: list[ComponentView]
    breakers: dict[str, str]
