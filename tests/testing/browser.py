"""A headless Chromium, driven through its debugging pipe, so that nothing else is needed."""
import base64
import json
import os
import select
import shutil
import signal
import subprocess

from testing.waiting import PATIENCE, wait_until

SIZES = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


RECORD_TIMERS = """const timersOfTheTest = [];
for (const name of ['setTimeout', 'setInterval']) {
  const original = window[name].bind(window);
  window[name] = (call, delay, ...more) => { timersOfTheTest.push(delay || 0); return original(call, delay, ...more); };
}"""


class Browser:
    """One page of a headless Chromium. Messages are JSON with a zero byte behind, on descriptors 3 and 4."""

    def __init__(self, profile):
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()
        command = [shutil.which("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                   "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        script = 'in=$1 out=$2; shift 2; exec "$@" 3<&"$in" 4>&"$out"'
        self.process = subprocess.Popen(["bash", "-c", script, "browser", str(theirs_in), str(theirs_out), *command],
                                        pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        pages = [t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility"):
            self.call(domain + ".enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=RECORD_TIMERS)

    def receive(self):
        while b"\0" not in self.buffer:
            assert select.select([self.back], [], [], PATIENCE)[0], f"Chromium said nothing for {PATIENCE} s"
            chunk = os.read(self.back, 1 << 16)
            assert chunk, "Chromium ended"
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def size(self, name, dark=False):
        width, height, mobile = SIZES[name]
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if mobile else 1,
                  mobile=mobile)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def wait_for(self, expression, what):
        """Until it is true in the page."""
        wait_until(lambda: self.value(expression), what, every=0.1)

    def wait_for_event(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.receive())

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait_for_event("Page.loadEventFired")

    def timers(self):
        """Delays of a second and more that the page has asked for since it was opened, in milliseconds."""
        return self.value("timersOfTheTest.filter((delay) => delay >= 1000)")

    def shoot(self, name, folder):
        folder.mkdir(parents=True, exist_ok=True)
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        (folder / (name + ".png")).write_bytes(base64.b64decode(picture["data"]))

    def complaints(self):
        found = []
        for e in self.events:
            if e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] in ("error", "warning"):
                found.append(e["params"]["entry"]["text"])
            if e.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(e["params"]["exceptionDetails"]))
        return found

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
        except (AssertionError, OSError):
            pass
        self.process.wait()
        # Its children write into the profile to their end.
        wait_until(self.is_gone, "the browser's last process", every=0.01)

    def is_gone(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return True
        return False
