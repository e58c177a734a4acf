"""The public keys of this service's tokens."""

from typing import Any

from fastapi import APIRouter, Response

from app.dependencies.resources import CurrentResources

router = APIRouter(tags=["auth"])


@router.get("/.well-known/jwks.json")
async def public_keys(resources: CurrentResources, response: Response) -> dict[str, list[dict[str, Any]]]:
    """The keys as a set (RFC 7517 §5), for services that verify our tokens; empty where keys are secrets."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return {"keys": resources.codec.keys.public_keys()}
