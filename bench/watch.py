#!/usr/bin/env python3
"""A run that is watched: scraped every second like Prometheus does, looked at with a headless Chromium at its start,
middle and end. Says what CPU the watching thread took, in percent of one CPU.

The input is a FIFO that is fed at a steady rate, so the run lasts as long as asked.

usage: watch.py OUTRO OUTRO_GENERATE FOLDER [MINUTES [MB_A_SECOND]]
"""
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from testing.browser import SIZES, Browser  # noqa: E402


def cpu_of_thread(pid, name):
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            # schedstat: nanoseconds on a CPU; stat counts ticks, which short work slips through.
            return int((task / "schedstat").read_text().split()[0]) / 1e9
    raise SystemExit(f"no thread {name}")


def cpu_of_process(pid):
    ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def feed(fifo, lines, rate, seconds):
    began, sent = time.monotonic(), 0
    with open(fifo, "wb") as pipe:
        while time.monotonic() - began < seconds:
            for line in lines:
                pipe.write(line)
                sent += len(line)
                ahead = sent / rate - (time.monotonic() - began)
                if ahead > 0:
                    time.sleep(ahead)
                if time.monotonic() - began >= seconds:
                    break


def scrape(port, until, seen):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    due = time.monotonic()
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            connection.request("GET", "/metrics")
            seen.append((time.monotonic() - began, len(connection.getresponse().read())))
        except (OSError, http.client.HTTPException):
            connection.close()
        due += 1
        time.sleep(max(0, due - time.monotonic()))


def main():
    outro, generate, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    seconds = 60 * float(sys.argv[4] if len(sys.argv) > 4 else 10)
    rate = 1e6 * float(sys.argv[5] if len(sys.argv) > 5 else 5)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as work:
        work = Path(work)
        subprocess.run([generate, "--out", str(work / "input"), "--accounts", "500"], check=True, capture_output=True)
        lines = b"".join(p.read_bytes() for p in sorted((work / "input" / "dumps").iterdir())).splitlines(keepends=True)
        lines.insert(100, b"{broken\n")
        fifo, out = work / "dumps.ndjson", work / "out"
        os.mkfifo(fifo)
        job = subprocess.Popen([outro, "export", str(fifo), "--out", str(out), "--slice", "64M", "--status", ":0", "--log", "json"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        url = None
        while url is None:
            url = json.loads(job.stderr.readline()).get("url")
        threading.Thread(target=lambda: job.stderr.read(), daemon=True).start()
        port, began, seen = int(url.rstrip("/").rsplit(":", 1)[1]), time.monotonic(), []
        scraper = threading.Thread(target=scrape, args=(port, began + seconds - 5, seen))
        feeder = threading.Thread(target=feed, args=(fifo, lines, rate, seconds))
        feeder.start()
        scraper.start()
        # The scraper alone, for a while; then a browser at three moments.
        time.sleep(min(60, seconds / 3))
        watching = cpu_of_thread(job.pid, "outro-watch")
        print(json.dumps({"scrapes": len(seen), "seconds": round(time.monotonic() - began, 1),
                          "watchingThreadCpuPercent": round(100 * watching / (time.monotonic() - began), 3),
                          "bytesAScrape": seen[-1][1]}), flush=True)
        chromium = shutil.which("chromium")
        for name, at in (("start", 0), ("middle", seconds / 2), ("end", seconds * 0.9)):
            time.sleep(max(0, began + at - time.monotonic()))
            elapsed = time.monotonic() - began
            watching, working = cpu_of_thread(job.pid, "outro-watch"), cpu_of_process(job.pid)
            if chromium is None:
                continue
            browser = Browser(work / f"profile-{name}")
            try:
                for size in SIZES:
                    browser.size(size)
                    browser.open(url)
                    browser.value("new Promise((r) => setTimeout(r, 4500))")  # two updates
                    browser.shoot(f"{name}-{size}", folder)
            finally:
                browser.close()
        feeder.join()
        scraper.join()
        print(json.dumps({"scrapes": len(seen), "seconds": round(elapsed, 1),
                          "watchingThreadCpuPercent": round(100 * watching / elapsed, 3),
                          "processCpuPercent": round(100 * working / elapsed, 1),
                          "medianAnswerMs": round(1000 * sorted(s for s, _ in seen)[len(seen) // 2], 2),
                          "slowestAnswerMs": round(1000 * max(s for s, _ in seen), 1)}), flush=True)
        print("exit code", job.wait())
        shutil.copy(out / "report.html", folder / "report.html")


main()
