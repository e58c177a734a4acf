"""What the documentation shows does what it says."""

import ast
import inspect
import pathlib
import re
from typing import Any

import pytest

pytestmark = pytest.mark.anyio
README = pathlib.Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


async def run(example: str) -> dict[str, Any]:
    """The names that an example leaves; it may wait, as the prompt of ``python -m asyncio`` does."""
    names: dict[str, Any] = {}
    code = compile(example, str(README), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)  # noqa: S307
    if inspect.isawaitable(waiting):
        await waiting
    return names


async def test_the_examples_of_the_readme_run(pools: None, capsys: pytest.CaptureFixture[str]) -> None:
    events, cache, work, memory = [await run(example) for example in EXAMPLES]
    assert capsys.readouterr().out == "User created: 123\n"
    events["unsubscribe"]()
    assert cache["value"] == "value"
    assert await cache["report"](2026) == "Report of 2026"
    assert work["primes"] == 1229
    assert memory["admins"] == memory["everyone"] == [memory["user"] | {"age": 31}]
