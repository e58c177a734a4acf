"""What came back from a worker, cut into the aspects in which two workers must agree."""

import dataclasses
from collections.abc import Sequence
from typing import Any

ASPECTS = ("crash", "timeout", "exception", "status", "headers", "body", "chunks", "messages", "trace")
"""The aspects in order of importance: a difference is filed under the first that differs."""

SHOWN = 2000
"""How much of an aspect a report shows, in characters."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """The aspects of one answer."""

    aspects: dict[str, Any]

    @classmethod
    def of(cls, reply: dict[str, Any]) -> "Answer":
        """Read the reply to one request."""
        messages = reply.get("messages", [])
        starts = [message for message in messages if message["type"].endswith(".response.start")]
        bodies = [message for message in messages if message["type"].endswith(".response.body")]
        chunks = [message.get("body", b"") for message in bodies]
        others = [message for message in messages if message not in starts and message not in bodies]
        return cls(
            {
                "crash": reply.get("crash"),
                "timeout": reply.get("timeout", False),
                "exception": reply.get("exception"),
                "status": [message.get("status") for message in starts],
                "headers": [message.get("headers", []) for message in starts],
                "body": b"".join(chunks) if all(isinstance(chunk, bytes) for chunk in chunks) else chunks,
                "chunks": [chunk for chunk in chunks if chunk],
                "messages": others + [sorted(set(message) - {"headers"}) for message in starts],
                "trace": reply.get("trace"),
            }
        )

    def difference(self, other: "Answer") -> str | None:
        """Return the first aspect that differs, or ``None`` when the two agree."""
        for aspect in ASPECTS:
            if self.aspects[aspect] != other.aspects[aspect]:
                return aspect
        return None

    def show(self, aspect: str) -> str:
        """Return status, headers and body to read, and ``aspect`` if it is none of these."""
        shown = [name for name in ASPECTS if self.aspects[name] or name == aspect]
        shown = [name for name in shown if name in {"status", "headers", "body", "exception", aspect}]
        return "\n".join(f"{name}: {_cut(repr(self.aspects[name]))}" for name in shown)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


def first_difference(left: Any, right: Any) -> str:
    """Point at the place where two values start to differ: a path into them and the two leaves.

    ``status``-like scalars, header lists, nested replies and long bodies are all told the same way.
    """
    place = ""
    while type(left) is type(right):
        if isinstance(left, dict):
            keys = [key for key in {**left, **right} if left.get(key, _GONE) != right.get(key, _GONE)]
            if not keys:
                break
            place += f"[{keys[0]!r}]"
            left, right = left.get(keys[0], _GONE), right.get(keys[0], _GONE)
        elif isinstance(left, (list, tuple)) and left != right:
            index = _parting(left, right)
            place += f"[{index}]"
            left = left[index] if index < len(left) else _GONE
            right = right[index] if index < len(right) else _GONE
        else:
            break
    if isinstance(left, (bytes, str)) and type(left) is type(right):
        index = _parting(left, right)
        place += f" at {index}"
        left, right = (value[max(0, index - 60) : index + 160] for value in (left, right))
    return f"{place.strip() or 'value'}:\n  reference: {left!r}\n  ours:      {right!r}"


def _parting(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Return the first index at which two sequences differ."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, pair in pairs if pair[0] != pair[1]), min(len(left), len(right)))


class _Gone:
    def __repr__(self) -> str:
        return "(absent)"


_GONE = _Gone()
