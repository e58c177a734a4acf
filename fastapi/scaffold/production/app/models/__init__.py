"""The tables, all of them: whoever imports one knows the others too."""

from app.models.audit import AuditEvent
from app.models.base import Base, Entity, utc_now
from app.models.files import StoredFile
from app.models.items import Item
from app.models.status import Status
from app.models.tokens import RefreshToken, RevokedToken
from app.models.users import User

__all__ = [
    "AuditEvent",
    "Base",
    "Entity",
    "Item",
    "RefreshToken",
    "RevokedToken",
    "Status",
    "StoredFile",
    "User",
    "utc_now",
]
