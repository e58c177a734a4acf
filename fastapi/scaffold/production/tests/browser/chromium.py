"""Chromium without a window, told what to do over a pipe (Chrome DevTools Protocol)."""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time
from typing import Any, Self

from tests.services.service import find

SECONDS = 60.0
_READ, _WRITE = 3, 4  # the descriptors that --remote-debugging-pipe means


class Chromium:
    """A browser with a fresh profile and one page.

    Attributes:
        problems: what pages wrote to the console as errors, among it what the content policy forbade.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._events: list[dict[str, Any]] = []
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self._profile = pathlib.Path(tempfile.mkdtemp(prefix="chromium-"))
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        script = f'exec "$@" {_READ}<&{commands} {_WRITE}>&{answers}'
        self._process = subprocess.Popen(
            [
                *("/bin/bash", "-c", script, "chromium", find("chromium"), "--headless=new", "--no-sandbox"),
                *("--remote-debugging-pipe", f"--user-data-dir={self._profile}", "--window-size=1280,900"),
                *("--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
                "about:blank",
            ],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(commands)
        os.close(answers)

    def __enter__(self) -> Self:
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.wait(10)
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Calls a method of the protocol and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def open(self, url: str) -> None:
        """Loads a page, with everything that it names."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self) -> None:
        """Waits until the page that is loading has loaded."""
        self._wait(lambda event: event["method"] == "Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression; of what a promise brings, if it is one."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Waits until an expression is true, looking again at each frame that the page paints."""
        self.run(
            f"""new Promise((resolve, reject) => {{
                const end = performance.now() + {SECONDS / 2 * 1000};
                const look = () => {{
                    if ({condition}) resolve(true);
                    else if (performance.now() > end)
                        reject(new Error({json.dumps(condition)} + " never: " + document.body.innerText.slice(0, 500)));
                    else setTimeout(look, 20);
                }};
                look();
            }})"""
        )

    def act(self, script: str) -> None:
        """Runs a script that leads to another page, and waits for that."""
        self._events.clear()
        self.run(f"setTimeout(() => {{ {script} }}, 0); true")
        self.loaded()

    def screenshot(self, file: pathlib.Path) -> bytes:
        """Writes a picture of the window to a file, and returns it."""
        content = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return content

    def _wait(self, wanted: Any) -> None:
        deadline = time.monotonic() + SECONDS
        while not any(wanted(event) for event in self._events):
            self._receive(deadline)

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            content = os.read(self._answers, 1 << 20) if ready else b""
            if not content:
                raise TimeoutError("Chromium does not answer")
            self._buffer += content
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self._events.append(message)
            self._note(message)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        match event:
            case {"method": "Log.entryAdded", "params": {"entry": {"level": "error", "text": text, **entry}}}:
                self.problems.append(f"{text} {entry.get('url', '')}")
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
                self.problems.append(json.dumps(details)[:500])
            case {"method": "Network.requestWillBeSent", "params": {"request": {"url": url}}}:
                if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
                    self.problems.append(f"a request to {url}")
