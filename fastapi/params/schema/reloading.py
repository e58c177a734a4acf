"""Another schema in force while requests are served."""

from fastapi.params import renewal
from fastapi.params.schema.loading import candidate, load_params_schema, loaded, read_again
from fastapi.params.schema.resolved import ParamsSchema


def reload_params_schema() -> ParamsSchema:
    """Read the schema file again and put it in force for all routes at once, between two requests.

    Requests under way go on by the schema that they began with. OpenAPI documents are made again.

    Returns:
        The schema that is in force now.

    Raises:
        ParamsSchemaError: something in the file is wrong, or contradicts a route. What was in force stays.
    """
    # First this lock: whoever makes a document holds it, and may ask for the schema.
    with renewal.lock, loaded.lock:
        return _put_in_force(read_again())


def follow_params_schema() -> ParamsSchema | None:
    """Do so, if the file says something else than what is in force; return what is then, or ``None``.

    Raises:
        ParamsSchemaError: as ``reload_params_schema``.
    """
    with renewal.lock, loaded.lock:
        schema = read_again()
        return None if schema.digest == load_params_schema().digest else _put_in_force(schema)


def _put_in_force(schema: ParamsSchema) -> ParamsSchema:
    token = candidate.set(schema)
    try:
        changes = [(vars(each), each.renewed()) for each in renewal.followers()]
    finally:
        candidate.reset(token)
    renewal.exchange([*changes, (vars(loaded), {"schema": schema})])
    return schema
