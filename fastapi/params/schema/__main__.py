"""Prints what is made from the model of the format, to publish it.

``python -m fastapi.params.schema`` prints the JSON Schema that ``params-schema.json`` holds, and
``python -m fastapi.params.schema reference`` the tables of ``docs/params-schema.md``.
"""

import json
import sys

from fastapi.params.schema.document import json_schema
from fastapi.params.schema.reference import reference

if __name__ == "__main__":
    print(reference() if sys.argv[1:] == ["reference"] else json.dumps(json_schema(), indent=2))
