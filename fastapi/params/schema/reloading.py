"""Another schema in force while requests are served."""

from fastapi.params import renewal
from fastapi.params.schema.loading import candidate, loaded, read_again
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
        schema = read_again()
        token = candidate.set(schema)
        try:
            changes = [(vars(each), each.renewed()) for each in renewal.followers()]
        finally:
            candidate.reset(token)
        renewal.exchange([*changes, (vars(loaded), {"schema": schema})])
        return schema
