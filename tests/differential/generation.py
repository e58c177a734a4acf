"""All requests for one application: its examples, its documents, and what Hypothesis and schemathesis draw."""

import hashlib
import json
import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from . import documented, encoding, examples, operations, strategies
from .request import Request
from .values import Vocabulary

LEAST = 10
"""Fewer requests than this are not worth starting a draw for."""

RUN = 10
"""Examples in one run: after its first ten Hypothesis turns to varying what it has, and repeats itself."""

BARREN = 3
"""So many runs without anything new, and a strategy counts as exhausted."""

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
        read = [examples.read(example) for example in given]
        self.examples = [request for request in read if request.raw is None]
        self.connections = [request for request in read if request.raw is not None]
        self.document = document or {}
        self.operations = operations.read(self.document)
        self.seen: set[Request] = set()

    @property
    def weight(self) -> float:
        """How large a part of all drawn requests this application gets."""
        return (len(self.operations) + len(self.examples) / 2 + 2) ** 0.6

    def draw(self, count: int) -> dict[str, list[Request]]:
        """Draw about ``count`` requests, by origin, that differ from each other and from the examples."""
        self.seen.update(self.examples)
        drawn: dict[str, list[Request]] = {"hypothesis": [], "schemathesis": [], "disturbed": []}
        if self.operations:
            requests = strategies.requests(self.operations, Vocabulary(self.document))
            drawn["hypothesis"] = self._collect(requests, count * 6 // 10)
            drawn["schemathesis"] = self._collect(documented.cases(self.document), count * 2 // 10)
        if self.examples:
            disturbed = (
                st.integers(0, len(self.examples) - 1)
                .map(self.examples.__getitem__)
                .flatmap(encoding.disturbed)
            )
            drawn["disturbed"] = self._collect(disturbed, count - sum(map(len, drawn.values())))
        if self.operations:
            drawn["hypothesis"] += self._collect(requests, count - sum(map(len, drawn.values())))
        return drawn

    def _collect(self, strategy: st.SearchStrategy[Request | None], count: int) -> list[Request]:
        """Return ``count`` new requests; fewer when the strategy has no more to offer."""
        collected: list[Request] = []
        barren = 0
        while len(collected) < count and barren < BARREN:
            self.number += 1
            new = [request for request in draw(strategy, self.number) if request not in self.seen]
            barren = 0 if new else barren + 1
            new = new[: count - len(collected)]
            self.seen.update(new)
            collected += new
        return collected


def draw(strategy: st.SearchStrategy[Request | None], number: int) -> list[Request]:
    """Return the different requests of one short run of Hypothesis with the seed ``number``."""
    drawn: dict[Request, None] = {}

    @seed(number)
    @settings(
        max_examples=RUN,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(request: Request | None) -> None:
        if request is not None:
            drawn[request] = None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # about the length of a strategy's text
        collect()
    return list(drawn)


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
