"""A headless Chromium, spoken to through pipes (Chrome DevTools Protocol): no library, no port, nothing to install."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)  # fmt: skip


def chromium():
    """Give the program, if this machine has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One page of the browser, and all that it tells while it is looked at."""

    def __init__(self, send, read):
        self._send, self._read = send, read
        self._numbers = itertools.count(1)
        self._session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Ask for something; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        self._send(message | ({"sessionId": self._session} if self._session else {}))
        while (answer := self._read()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path, *, width, height=800, dark=False):
        """Open a file in a window of some size."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=Path(path).absolute().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def run(self, expression):
        """Give the value of an expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def picture(self, *, whole=False):
        """Take a picture: of the window, or of the whole page."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def paper(self, *, width=8.27, height=11.69):
        """Print to PDF, with the tags that tell what stands on which page; the size is in inches."""
        size = {"paperWidth": width, "paperHeight": height, "preferCSSPageSize": False}
        printed = self.call("Page.printToPDF", printBackground=True, generateTaggedPDF=True, **size)
        return base64.b64decode(printed["data"])

    def asked(self):
        """Give the addresses that were asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self):
        """Give what went to the console or the log."""
        wanted = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event.get("method") in wanted]


@contextmanager
def browsing():
    """Start a browser of our own; give what opens a page in it."""
    profile = tempfile.mkdtemp(prefix="remedy-browser-")
    (there, ours), (mine, theirs) = os.pipe(), os.pipe()

    def wired():
        os.dup2(there, 10), os.dup2(theirs, 11)
        os.dup2(10, 3), os.dup2(11, 4)

    running = subprocess.Popen(
        [chromium(), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        preexec_fn=wired,  # noqa: PLW1509 - nothing else puts pipes at 3 and 4, and there are no threads
        close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(there), os.close(theirs)
    left = b""

    def send(message):
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(ours, data) :]

    def read():
        nonlocal left
        while b"\0" not in left:
            more = os.read(mine, 1 << 20)
            assert more, "the browser is gone"
            left += more
        message, _, left = left.partition(b"\0")
        return json.loads(message)

    try:
        yield lambda: Page(send, read)
    finally:
        os.close(ours), os.close(mine)
        running.kill()
        running.wait()
        shutil.rmtree(profile, ignore_errors=True)
