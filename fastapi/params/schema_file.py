"""Where the schema file of parameters is looked for, for those who do not read it."""

from typing import Final

VARIABLE: Final = "FASTAPI_PARAMS_SCHEMA"
"""Of the environment: the path of the file."""

NAMES: Final = ("params_schema.yaml", "params_schema.json")
"""Of the file in the working directory, where the environment names none."""
