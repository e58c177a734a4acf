"""Version 1 of the interface."""

from fastapi import APIRouter

from app.api.v1 import advanced, auth, files, health, items, users

router = APIRouter(prefix="/api/v1")
router.include_router(auth.router, prefix="/auth")
router.include_router(auth.router, prefix="/security")
router.include_router(users.router)
router.include_router(items.router)
router.include_router(files.router)
router.include_router(advanced.router)
router.include_router(health.router)
