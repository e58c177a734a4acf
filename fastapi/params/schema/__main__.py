"""``python -m fastapi.params.schema`` prints the JSON Schema of the format: what ``params-schema.json`` holds."""

import json

from fastapi.params.schema.document import json_schema

if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
