"""A params schema file as text."""

import hashlib
from pathlib import Path
from typing import Final

from fastapi.params.schema import json_text, yaml_text
from fastapi.params.schema.errors import ParamsSchemaError, Problem, listed
from fastapi.params.schema.node import Malformed, Node
from fastapi.params.schema_file import VARIABLE

_FORMATS: Final = {".yaml": yaml_text.parse, ".yml": yaml_text.parse, ".json": json_text.parse}


def read(path: Path) -> tuple[Node, str]:
    """Read a file as its ending says.

    Returns:
        Its content, and the digest of its bytes (``sha256:`` and hexadecimal digits).

    Raises:
        ParamsSchemaError: it cannot be read, is not UTF-8 or not of its format, or PyYAML is missing.
    """
    file = str(path)
    parse = _FORMATS.get(path.suffix.lower())
    if parse is None:
        text = f'the ending "{path.suffix}" is of no known format. Use one of {listed(_FORMATS)}.'
        raise ParamsSchemaError(file, Problem(text))
    try:
        content = path.read_bytes()
        return parse(content.decode("utf-8-sig")), f"sha256:{hashlib.sha256(content).hexdigest()}"
    except FileNotFoundError:
        problem = Problem(f"there is no such file. Create it, or name another in {VARIABLE}.")
    except OSError as error:
        problem = Problem(f"cannot be read: {error.strerror}.")
    except UnicodeDecodeError as error:
        problem = Problem("not UTF-8.", content.count(b"\n", 0, error.start) + 1)
    except ImportError:
        problem = Problem("YAML needs PyYAML: pip install pyyaml, or write the file as JSON.")
    except Malformed as error:
        problem = Problem(error.text, error.line)
    raise ParamsSchemaError(file, problem)
