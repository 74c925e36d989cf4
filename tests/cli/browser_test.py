#!/usr/bin/env python3
"""The status page in a real headless Chromium: live, then as OUT/report.html. Skips (77) where there is none.

It must show the figures and follow them, ask nobody but the job, break no rule of its own policy, fit a phone, and
be named well for a screen reader. Chromium is driven through its debugging pipe, so nothing else is needed.

usage: browser_test.py OUTRO OUTRO_GENERATE [FOLDER_FOR_SCREENSHOTS]
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SHOTS = Path(sys.argv[3]) if len(sys.argv) > 3 else None
SIZES = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


class Browser:
    """One page of a headless Chromium. Messages are JSON with a zero byte behind, on descriptors 3 and 4."""

    def __init__(self, chromium, profile):
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()
        command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                   "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        script = f'in=$1 out=$2; shift 2; exec "$@" 3<&"$in" 4>&"$out"'
        self.process = subprocess.Popen(["bash", "-c", script, "browser", str(theirs_in), str(theirs_out), *command],
                                        pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        pages = [t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility"):
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.buffer:
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

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive())

    def shoot(self, name, folder=None):
        folder = folder or SHOTS
        if folder is None:
            return
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


def it_fits_and_is_named(browser, name):
    """No sideways scrolling; one h1, tables with captions, named regions and headings; no unnamed progress bar."""
    for size in SIZES:
        browser.size(size)
        wide = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}, {size}: {wide} pixels too wide"
        browser.value("new Promise((r) => setTimeout(r, 400))")  # the chart is drawn anew a moment after
        browser.shoot(f"{name}-{size}")
    browser.size("phone", dark=True)
    browser.shoot(f"{name}-phone-dark")
    browser.size("desktop")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    by_role = {}
    for node in nodes:
        if not node.get("ignored"):
            by_role.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert len(by_role.get("main", [])) == 1, by_role.keys()
    for role in ("region", "heading", "table", "progressbar", "image"):
        names = by_role.get(role, [])
        assert all(names) or role == "image" and not names, (name, role, names)
    assert len(by_role["region"]) >= 6 and len(by_role["table"]) >= 5, by_role
    assert browser.value("document.querySelectorAll('[aria-live=polite]').length") == 1
    assert browser.value("[...document.querySelectorAll('th')].every((th) => th.scope)")
    assert_contrast(browser, name)


def assert_contrast(browser, name):
    """At least 4.5 to 1 between every text and what lies behind it (WCAG AA), light and dark."""
    script = """(() => {
      const parse = (c) => c.match(/[\\d.]+/g).map(Number);
      const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
        return .2126 * r + .7152 * g + .0722 * b; };
      const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
      const bad = [];
      for (const e of document.querySelectorAll('body *')) {
        if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
        if (['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(e.tagName)) continue;
        const style = getComputedStyle(e), ink = e instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [light(parse(ink).slice(0, 3)), light(behind(e))].sort((x, y) => y - x);
        if ((a + .05) / (b + .05) < 4.5) bad.push(e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 30) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
      }
      return bad; })()"""
    for dark in (False, True):
        browser.size("desktop", dark)
        bad = browser.value(script)
        assert not bad, (name, "dark" if dark else "light", bad)


def figure(browser, name):
    return browser.value(f"[...document.querySelectorAll('dt')].find((e) => e.textContent === '{name}').nextSibling.firstChild.data")


def with_a_deadline(page):
    begin = page.index('id="data">') + len('id="data">')
    end = page.index("</script>", begin)
    data = json.loads(page[begin:end])
    hour = 3_600_000
    now = data["nowMs"]
    del data["summary"]
    data.update(final=False, health="running", phase="running", finishMs=now + 10 * hour, deadlineMs=now + 12 * hour, headroom=1.2)
    data["progress"]["inputBytesTotal"] = 2 * data["progress"]["inputBytes"]
    data["inFlight"] = [{"unit": 3, "slice": 14, "shard": "/srv/dumps/2021-02-04/part-00003.ndjson.zst", "offset": 3_600_000_000}]
    return page[:begin] + json.dumps(data).replace("<", "\\u003c") + page[end:]


def main():
    outro, generate = sys.argv[1:3]
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: no chromium (package chromium)")
        sys.exit(77)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        subprocess.run([generate, "--out", str(work / "input"), "--accounts", "60"], check=True, capture_output=True)
        lines = "".join(p.read_text() for p in sorted((work / "input" / "dumps").iterdir()))
        fifo, out = work / "dumps.ndjson", work / "out"
        os.mkfifo(fifo)
        job = subprocess.Popen([outro, "export", str(fifo), "--out", str(out), "--slice", "2M", "--status", ":0", "--log", "json"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        url = None
        while url is None:
            url = json.loads(job.stderr.readline()).get("url")
        feed = open(fifo, "w")
        feed.write(lines + "{broken\n[]\n" + lines)
        feed.flush()
        browser = Browser(chromium, work / "profile")
        try:
            browser.size("desktop")
            browser.open(url)
            while int(figure(browser, "Documents").replace(",", "")) < 62:  # it follows by itself
                browser.value("new Promise((r) => setTimeout(r, 100))")
            feed.write(lines * 2)
            feed.flush()
            seen = int(figure(browser, "Documents").replace(",", ""))
            while int(figure(browser, "Documents").replace(",", "")) <= seen:
                browser.value("new Promise((r) => setTimeout(r, 100))")
            assert browser.value("document.getElementById('health').textContent") == "running"
            assert "MALFORMED" in browser.value("document.getElementById('dead').textContent")
            assert "compress" in browser.value("document.getElementById('stages').innerText")
            it_fits_and_is_named(browser, "live")
            assert not browser.complaints(), browser.complaints()
            asked = {u for u in browser.requests() if not u.startswith("data:")}
            assert asked == {url, url + "status.json"}, asked

            feed.close()
            job.stderr.read()
            assert job.wait() == 3
            while browser.value("document.getElementById('health').textContent") != "no answer":  # it says so
                browser.value("new Promise((r) => setTimeout(r, 100))")
            browser.open((out / "report.html").as_uri())
            assert browser.value("document.getElementById('health').textContent") == "finished, incomplete"
            assert figure(browser, "Documents") == "242", figure(browser, "Documents")
            assert "The books balance." in browser.value("document.body.textContent")
            it_fits_and_is_named(browser, "report")
            browser.value("new Promise((r) => setTimeout(r, 2500))")  # longer than it would wait to ask
            assert not browser.complaints(), browser.complaints()
            assert [u for u in browser.requests() if not u.startswith("data:")] == [(out / "report.html").as_uri()]

            # What this run had none of: a deadline. The data is no script, so the page's policy holds.
            planned = work / "planned.html"
            planned.write_text(with_a_deadline((out / "report.html").read_text()))
            browser.open(planned.as_uri())
            assert figure(browser, "Headroom") == "1.20"
            assert "The deadline is tight" in browser.value("document.getElementById('alert').textContent")
            it_fits_and_is_named(browser, "planned")
            assert not browser.complaints(), browser.complaints()
        finally:
            browser.close()
            job.kill()
            job.wait()


if __name__ == "__main__":
    main()
