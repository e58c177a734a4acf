"""From a name to the application that is served."""

import importlib
import inspect
import logging
import sys
from typing import Any

from fastapi.exceptions import FastAPIError
from fastapi.server.config import Config, ConfigError


def load(config: Config) -> Any:
    """Imports the application of a configuration, and calls it where it is a factory.

    Raises:
        ConfigError: the name leads nowhere, the factory wants arguments, or the schema file of parameters is wrong.
    """
    if config.app_dir is not None:
        sys.path.insert(0, config.app_dir)
    _read_environment(config)
    try:
        return _load(config)
    except FastAPIError as error:
        if is_of_schema_file(error):
            raise ConfigError(str(error)) from None
        raise


def is_of_schema_file(error: FastAPIError) -> bool:
    """Tell whether an error names file, line and parameter, so that no traceback would tell more."""
    # Without this module there is no such error, and importing it takes long.
    errors = sys.modules.get("fastapi.params.schema.errors")
    return errors is not None and isinstance(error, errors.ParamsSchemaError)


def _load(config: Config) -> Any:
    found = import_name(config.app) if isinstance(config.app, str) else config.app
    if config.factory:
        try:
            inspect.signature(found).bind()
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"--factory: {config.app} cannot be called without arguments: {error}."
            ) from None
        return found()
    if inspect.isfunction(found) and not inspect.signature(found).parameters:
        logging.getLogger("uvicorn.error").warning(
            "ASGI app factory detected. Using it, but please consider setting the --factory flag explicitly."
        )
        return found()
    return found


def import_name(name: str) -> Any:
    """Imports what ``"module:attribute"`` names; the attribute may have dots.

    Raises:
        ConfigError: the name is not of that form, or there is no such module or attribute.
    """
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise ConfigError(f'Import string "{name}" must be in format "<module>:<attribute>".')
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        # A module that the application itself misses is its own affair, and its traceback tells more.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ConfigError(f'Could not import module "{module_name}".') from None
    try:
        for attribute in path.split("."):
            found = getattr(found, attribute)
    except AttributeError:
        raise ConfigError(f'Attribute "{path}" not found in module "{module_name}".') from None
    return found


def _read_environment(config: Config) -> None:
    if config.env_file is None:
        return
    try:
        from dotenv import load_dotenv
    except ImportError:
        raise ConfigError("--env-file needs python-dotenv: pip install python-dotenv.") from None
    logging.getLogger("uvicorn.error").info("Loading environment from '%s'", config.env_file)
    load_dotenv(dotenv_path=config.env_file)
