"""All requests for one application: its examples, its documents, and what Hypothesis and schemathesis draw."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from . import documented, encoding, examples, operations, strategies
from .request import Request
from .values import Vocabulary

LEAST = 10
"""Fewer requests than this are not worth starting a draw for."""

DOCUMENTS = ("/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect")


def documents() -> list[Request]:
    """Return the requests for the documents that every application serves, also behind a proxy."""
    plain = [examples.read(f"GET {path}") for path in DOCUMENTS]
    return (
        plain
        + [examples.read({"request": f"GET {path}", "root_path": "/proxy"}) for path in DOCUMENTS[:2]]
        + [examples.read(f"HEAD {DOCUMENTS[0]}"), examples.read(f"POST {DOCUMENTS[1]}")]
    )


class Source:
    """The requests drawn for one application, the same ones for the same seed."""

    def __init__(
        self, application: str, number: int, given: list[Any], document: dict[str, Any] | None
    ) -> None:
        self.application = application
        # Not hash(): every application has its own stream, in every process the same.
        digest = hashlib.sha256(f"{number}:{application}".encode()).digest()
        self.number = int.from_bytes(digest[:6], "big")
        self.examples = [examples.read(example) for example in given]
        self.document = document or {}
        self.operations = operations.read(self.document)
        self.seen: set[Request] = set()

    @property
    def weight(self) -> float:
        """How large a part of all drawn requests this application gets."""
        return (len(self.operations) + len(self.examples) / 2 + 2) ** 0.6

    def draw(self, count: int) -> list[Request]:
        """Draw about ``count`` requests that differ from each other and from the examples."""
        self.seen.update(self.examples)
        drawn: list[Request] = []
        if self.operations:
            vocabulary = Vocabulary(self.document)
            drawn += self._collect(strategies.requests(self.operations, vocabulary), count * 6 // 10)
            drawn += self._collect(documented.cases(self.document), count * 2 // 10)
        if self.examples:
            drawn += self._collect(
                st.integers(0, len(self.examples) - 1)
                .map(self.examples.__getitem__)
                .flatmap(encoding.disturbed),
                max(0, count - len(drawn)),
            )
        if len(drawn) < count and self.operations:
            drawn += self._collect(strategies.requests(self.operations, vocabulary), count - len(drawn))
        return drawn

    def _collect(self, strategy: st.SearchStrategy[Request | None], count: int) -> list[Request]:
        """Return up to ``count`` new requests; fewer when the strategy has no more to offer."""
        collected: list[Request] = []
        self.number += 1

        # Hypothesis likes to repeat itself: ask for more than is needed and stop keeping when it is enough.
        @seed(self.number)
        @settings(
            max_examples=max(1, count * 3 // 2),
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def collect(request: Request | None) -> None:
            if request is not None and request not in self.seen and len(collected) < count:
                self.seen.add(request)
                collected.append(request)

        if count > 0:
            collect()
        return collected


def document(body: Any) -> dict[str, Any] | None:
    """Return the OpenAPI document in a response body, or ``None`` where there is none."""
    try:
        value = json.loads(body)
    except (TypeError, ValueError):
        return None
    return value if isinstance(value, dict) and "paths" in value else None


def shares(sources: list[Source], count: int) -> Iterator[tuple[Source, int]]:
    """Split ``count`` over the sources by weight."""
    total = sum(source.weight for source in sources)
    left = count
    for source in sources:
        if left <= 0:
            return
        share = max(LEAST, round(count * source.weight / total) + 1)
        left -= share
        yield source, share
