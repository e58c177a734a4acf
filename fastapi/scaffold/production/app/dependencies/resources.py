"""What every dependency starts from: the resources of the process, and a unit of work."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from app.services.resources import Resources


async def get_resources(connection: HTTPConnection) -> Resources:
    """The resources of this process."""
    return cast("Resources", connection.app.state.resources)


CurrentResources = Annotated[Resources, Depends(get_resources)]


async def get_session(resources: CurrentResources) -> AsyncIterator[AsyncSession]:
    """A unit of work for this request."""
    async with resources.database.session() as session:
        yield session


# Its end is before the answer is sent, so that slow clients and streams hold no connection.
CurrentSession = Annotated[AsyncSession, Depends(get_session, scope="function")]
