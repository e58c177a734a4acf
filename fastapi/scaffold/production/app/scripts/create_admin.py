"""Make the first administrator: ``ADMIN_PASSWORD=… python app/scripts/create_admin.py NAME ADDRESS``."""

import argparse
import asyncio
import getpass
import os
import pathlib
import sys

if not __package__:  # run by its path, of which only its own folder is searched
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from pydantic import ValidationError

from app.core.config import Settings, get_settings
from app.core.logger import configure_logging
from app.core.security import Role
from app.exceptions.custom_exceptions import AppError
from app.schemas.users import UserCreation
from app.services.auth_service import AuthService
from app.services.resources import open_resources


async def create_admin(settings: Settings, username: str, email: str, password: str) -> None:
    """Add an administrator to the database of the settings."""
    data = UserCreation.model_validate(
        {"username": username, "email": email, "password": password, "role": Role.ADMIN}
    )
    async with open_resources(settings) as resources, resources.database.session() as session:
        service = AuthService(session, resources.codec, resources.hasher, resources.events, resources.audit)
        await service.register(data)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, ask for the password where the environment has none, add the administrator."""
    parser = argparse.ArgumentParser(description="Make an administrator.")
    parser.add_argument("username")
    parser.add_argument("email")
    options = parser.parse_args(arguments)
    password = os.environ.get("ADMIN_PASSWORD") or getpass.getpass()
    settings = get_settings()
    configure_logging(settings.log_level)
    try:
        asyncio.run(create_admin(settings, options.username, options.email, password))
    except AppError as error:
        sys.exit(str(error.detail))
    except ValidationError as error:
        sys.exit("; ".join(f"{found['loc'][0]}: {found['msg']}" for found in error.errors()))
    print(f"{options.username} is an administrator")


if __name__ == "__main__":
    main()
