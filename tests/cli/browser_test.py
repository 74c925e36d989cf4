#!/usr/bin/env python3
"""The status page in a real headless Chromium: live, then as OUT/report.html. Skips (77) where there is none.

It must show the figures and follow them, ask nobody but the job, break no rule of its own policy, fit a phone, and
be named well for a screen reader.

usage: browser_test.py [FOLDER_FOR_SCREENSHOTS]
"""
import contextlib
import json
import os
import shutil
import sys
from pathlib import Path

from testing.browser import SIZES, Browser
from testing.commands import export_words
from testing.dumps import generate, lines_of
from testing.jobs import open_fifo, running
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch
from testing.waiting import wait_until

SHOTS = Path(sys.argv[1]) if len(sys.argv) > 1 else None


def shoot(browser, name):
    if SHOTS:
        browser.shoot(name, SHOTS)


CHART_FITS = """(() => { const svg = document.getElementById('chart');
  return svg.getAttribute('viewBox') === '0 0 ' + Math.max(240, svg.clientWidth || 600) + ' 180'; })()"""


def it_fits_and_is_named(browser, name):
    """No sideways scrolling; one h1, tables with captions, named regions and headings; no unnamed progress bar."""
    for size in SIZES:
        browser.size(size)
        browser.wait_for(CHART_FITS, "the chart is drawn for the new size")
        wide = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}, {size}: {wide} pixels too wide"
        shoot(browser, f"{name}-{size}")
    browser.size("phone", dark=True)
    shoot(browser, f"{name}-phone-dark")
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


def text_of(browser, element):
    return browser.value(f"document.getElementById('{element}').textContent")


def documents_shown(browser):
    return int(figure(browser, "Documents").replace(",", ""))


def asked(browser):
    return [url for url in browser.requests() if not url.startswith("data:")]


def the_page_follows_the_job(browser, feed, url, lines):
    feed.write(lines + "{broken\n[]\n" + lines)
    feed.flush()
    browser.size("desktop")
    browser.open(url)
    wait_until(lambda: documents_shown(browser) >= 62, "the first documents on the page", every=0.1)
    feed.write(lines * 2)
    feed.flush()
    seen = documents_shown(browser)
    wait_until(lambda: documents_shown(browser) > seen, "more documents on the page", every=0.1)
    expect_equal(text_of(browser, "health"), "running")
    expect_in("MALFORMED", text_of(browser, "dead"))
    expect_in("compress", browser.value("document.getElementById('stages').innerText"))
    it_fits_and_is_named(browser, "live")
    expect_equal(browser.complaints(), [])
    expect_equal(set(asked(browser)), {url, url + "status.json"})
    assert 2000 in browser.timers(), browser.timers()


def the_page_says_when_nobody_answers(browser):
    browser.wait_for("document.getElementById('health').textContent === 'no answer'", "the page sees that the job has ended")


def the_report_is_complete_and_asks_nobody(browser, report):
    browser.open(report.as_uri())
    expect_equal(text_of(browser, "health"), "finished, incomplete")
    expect_equal(figure(browser, "Documents"), "242")
    expect_in("The books balance.", browser.value("document.body.textContent"))
    it_fits_and_is_named(browser, "report")
    expect_equal(browser.timers(), [])
    expect_equal(browser.complaints(), [])
    expect_equal(asked(browser), [report.as_uri()])


def a_tight_deadline_is_shown(browser, report, work):
    """What the run had none of. The data is no script, so the page's policy holds."""
    planned = work / "planned.html"
    planned.write_text(with_a_deadline(report.read_text()))
    browser.open(planned.as_uri())
    expect_equal(figure(browser, "Headroom"), "1.20")
    expect_in("The deadline is tight", text_of(browser, "alert"))
    it_fits_and_is_named(browser, "planned")
    expect_equal(browser.complaints(), [])


def main():
    if shutil.which("chromium") is None:
        skip("no chromium (package chromium)")
    with scratch() as work:
        lines = "".join(line + "\n" for line in lines_of(generate(work / "input", 60)))
        fifo, out = work / "dumps.ndjson", work / "out"
        report = out / "report.html"
        os.mkfifo(fifo)
        options = ("--slice", "2M", "--status", ":0", "--log", "json")
        with running(*export_words(fifo, out, *options)) as job, contextlib.closing(Browser(work / "profile")) as browser:
            url = job.wait_for_log("STATUS_SERVED")["url"]
            with open_fifo(fifo, job, "w") as feed:
                promise(the_page_follows_the_job, browser, feed, url, lines)
            job.end(code=3)
            promise(the_page_says_when_nobody_answers, browser)
            promise(the_report_is_complete_and_asks_nobody, browser, report)
            promise(a_tight_deadline_is_shown, browser, report, work)


main()
