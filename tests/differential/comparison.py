"""Send the same requests to both sides, keep count, and keep the first difference of each kind."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

from . import refusals
from .answer import Answer, first_difference
from .reduction import reduce
from .request import Request
from .side import Side

BATCH = 48


@dataclasses.dataclass(frozen=True)
class Difference:
    """The smallest request known to make the two sides of one application differ in one aspect."""

    application: str
    aspect: str
    request: Request | None
    reference: str
    ours: str
    place: str

    def report(self, command: str) -> str:
        lines = [f"=== {self.application}: {self.aspect} differs", self.place]
        if self.request is not None:
            lines[1:1] = [self.request.show(), "--- reference", self.reference, "--- ours", self.ours, "---"]
            lines.append(f"replay: {command} --replay {self.application} {self.request.token()}")
        return "\n".join(lines)


class Comparison:
    """A run over any number of applications."""

    def __init__(self, reference: Side, ours: Side, over_tcp: bool = False) -> None:
        self.reference = reference
        self.ours = ours
        self.over_tcp = over_tcp
        self.sent = 0
        self.differing = 0
        self.statuses: Counter[int] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.excused: Counter[str] = Counter()
        self.differences: list[Difference] = []

    def load(self, application: str) -> dict[str, Any]:
        """Load an application on both sides and return what the reference side says about it."""
        replies = [side.load(application) for side in (self.reference, self.ours)]
        for aspect in ("exception", "routes", "lifespan"):
            self._agree(application, f"load {aspect}", *(reply.get(aspect) for reply in replies))
        warned = [reply.get("warnings", []) for reply in replies]
        self._agree(
            application, "load warnings", *(sorted({entry[:2] for entry in entries}) for entries in warned)
        )
        # A line of the application that the reference blames must be blamed; ours may blame one more.
        blamed = [entry for entry in warned[0] if len(entry) > 2]
        self._agree(application, "load warnings", blamed, [entry for entry in blamed if entry in warned[1]])
        if replies[0]["exception"] is not None:
            raise RuntimeError(
                f"{application} does not load on the reference side: {replies[0]['exception']}"
            )
        return replies[0] if replies[1]["exception"] is None else {}

    def unload(self, application: str) -> None:
        self._agree(
            application,
            "shutdown",
            *(
                side.unload(application) if application in side.loaded else None
                for side in (self.reference, self.ours)
            ),
        )

    def run(self, application: str, requests: Sequence[Request]) -> None:
        """Send the requests to both sides, in order."""
        if application not in self.ours.loaded:
            self.sent += len(requests)
            self.differing += len(requests)
            self.kinds[application, "not loaded"] += len(requests)
            return
        for start in range(0, len(requests), BATCH):
            batch = requests[start : start + BATCH]
            for side in (self.reference, self.ours):
                side.send(*(("request", application, request.wire()) for request in batch))
            answers = [[Answer.of(side.receive()) for _ in batch] for side in (self.reference, self.ours)]
            for request, expected, actual in zip(batch, *answers, strict=True):
                self._compare(application, request, expected, actual)

    def _compare(self, application: str, request: Request, expected: Answer, actual: Answer) -> None:
        self.sent += 1
        self.statuses.update(expected.aspects["status"][:1])
        aspect = self._aspect(request, expected, actual)
        if aspect is None:
            return
        self.differing += 1
        self.kinds[application, aspect] += 1
        if self.kinds[application, aspect] > 1:
            return

        def differs(candidate: Request) -> bool:
            return self.ask(application, candidate)[2] == aspect

        if aspect not in ("crash", "timeout") and differs(request):
            # Otherwise it hangs on what came before, and a smaller one cannot be looked for.
            request = reduce(request, differs)
            expected, actual, _ = self.ask(application, request)
        self.differences.append(
            Difference(
                application,
                aspect,
                request,
                expected.show(aspect),
                actual.show(aspect),
                first_difference(expected.aspects[aspect], actual.aspects[aspect]),
            )
        )

    def ask(self, application: str, request: Request) -> tuple[Answer, Answer, str | None]:
        """Return both answers to one request, and the aspect in which they differ."""
        expected, actual = (side.ask(application, request) for side in (self.reference, self.ours))
        return expected, actual, self._aspect(request, expected, actual)

    def _aspect(self, request: Request, expected: Answer, actual: Answer) -> str | None:
        aspect = expected.difference(actual)
        excuse = refusals.reason(request, expected, actual) if aspect and self.over_tcp else None
        if excuse:
            self.excused[excuse] += 1
        return None if excuse else aspect

    def _agree(self, application: str, aspect: str, expected: Any, actual: Any) -> None:
        if expected == actual:
            return
        self.differing += 1
        self.kinds[application, aspect] += 1
        self.differences.append(
            Difference(
                application, aspect, None, repr(expected), repr(actual), first_difference(expected, actual)
            )
        )
