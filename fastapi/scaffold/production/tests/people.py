"""Users for tests, with their tokens."""

import uuid
from dataclasses import dataclass

from app.database.data_layer.tokens import TokenDAO
from app.models import User
from app.services.resources import Resources

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """A user who signed in."""

    id: uuid.UUID
    username: str
    email: str
    access: str
    refresh: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


async def add_person(resources: Resources, role: str, username: str | None = None) -> Person:
    """A user of that role, signed in without the way through the interface."""
    name = username or f"the-{role}"
    user = User(
        email=f"{name}@example.com",
        username=name,
        full_name=name.title(),
        password_hash=await resources.hasher.hash(PASSWORD),
        role=role,
    )
    family = uuid.uuid4()
    async with resources.database.session() as session:
        session.add(user)
        await session.flush()
        access, _ = resources.codec.issue("access", user.id, 0, family)
        refresh, claims = resources.codec.issue("refresh", user.id, 0, family)
        await TokenDAO(session).add_refresh(claims.token_id, family, user.id, claims.expires_at)
        await session.commit()
    return Person(user.id, name, user.email, access, refresh)
