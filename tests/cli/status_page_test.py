#!/usr/bin/env python3
"""`--status`: right answers to real clients, and no client (half-open, huge, thousands) stops or slows the export.

usage: status_page_test.py OUTRO OUTRO_GENERATE
"""
import http.client
import json
import os
import re
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]


class Export:
    """A running export whose input is a FIFO, so that it lives as long as the test feeds it."""

    def __init__(self, work, name, *more):
        self.out = work / name
        self.fifo = work / (name + ".ndjson")
        os.mkfifo(self.fifo)
        self.process = subprocess.Popen(
            [OUTRO, "export", str(self.fifo), "--out", str(self.out), "--threads", "2", "--slice", "2M", "--status", ":0",
             "--log", "json", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if self.lines[-1]["id"] == "STATUS_SERVED":
                break
        url = self.lines[-1]["url"]
        self.host, self.port = re.fullmatch(r"http://(.*):(\d+)/", url).groups()
        assert self.host == "127.0.0.1", url
        self.reader = threading.Thread(target=self.read_log)
        self.reader.start()
        self.feed = open(self.fifo, "w")

    def read_log(self):
        for line in self.process.stderr:
            self.lines.append(json.loads(line))

    def get(self, path, method="GET", headers={}):
        connection = http.client.HTTPConnection(self.host, int(self.port), timeout=60)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body

    def state(self):
        answer, body = self.get("/status.json")
        assert answer.status == 200
        return json.loads(body)

    def until_documents(self, n):
        while self.state()["progress"]["documents"] < n:
            pass

    def connect(self):
        return socket.create_connection((self.host, int(self.port)), timeout=60)

    def write(self, lines):
        self.feed.write("".join(line + "\n" for line in lines))
        self.feed.flush()

    def finish(self):
        self.feed.close()
        out = self.process.stdout.read()
        code = self.process.wait()
        self.reader.join()
        return code, out


def the_answers_are_right(work, lines):
    job = Export(work, "answers")
    job.write(lines + ["{broken", "[]", "[]"])
    # What is fed stays in its block until that is full or the slice ends, so some of it is done now.
    job.write(lines * 3)
    job.until_documents(len(lines) + 3)
    answer, page = job.get("/")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html"), answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert '<main id="main">' in page and "</html>" in page
    told = job.state()
    assert told["health"] == "running" and told["format"] == "outro-watch/1" and told["run"] == 1, told
    assert told["deadLettersByReason"] == {"MALFORMED": 1, "NOT_AN_OBJECT": 2}, told
    assert sum(told["documentSizes"]["counts"]) == told["progress"]["documents"], told
    assert sum(told["outcomes"].values()) == told["progress"]["documents"], told
    answer, text = job.get("/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'outro_dead_letters_total{reason="NOT_AN_OBJECT"} 2\n' in text, text
    check_with_promtool(text)
    answer, text = job.get("/healthz")
    assert (answer.status, text) == (200, "running\n")
    answer, text = job.get("/metrics?a=b", "HEAD")
    assert answer.status == 200 and text == "" and int(answer.headers["Content-Length"]) > 1000
    for path in ("/nothing", "//", "/../../etc/passwd", "/status.json/", "*", "/%2e%2e/lock"):
        assert job.get(path)[0].status == 404, path
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer, _ = job.get("/", method)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", (method, answer.status)
    assert job.get("/", headers={"Host": "rebound.example"})[0].status == 421
    connection = http.client.HTTPConnection(job.host, int(job.port), timeout=60)
    for _ in range(20):  # one connection, as Prometheus uses it
        connection.request("GET", "/metrics")
        assert connection.getresponse().read()
    connection.close()
    code, _ = job.finish()
    assert code == 3
    ids = [line["id"] for line in job.lines]
    assert ids[0] == "RUN_BEGINS" and ids[-2:] == ["SEALING", "RUN_INCOMPLETE"] and "DEAD_LETTERS" in ids, ids
    return job.out


def check_with_promtool(text):
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not here (package prometheus): /metrics is not checked with it")
        return
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0 and not checked.stdout + checked.stderr, checked.stdout + checked.stderr


def the_report_is_the_page(out):
    """After the run: private, covered by the checksums, asks nobody, and holds the final figures."""
    report = out / "report.html"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=out, capture_output=True, text=True)
    assert checked.returncode == 0 and "report.html" in (out / "SHA256SUMS").read_text(), checked.stderr
    page = report.read_text()
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])
    assert data["final"] and data["health"] == "finished"
    assert data["summary"]["books"] == json.loads((out / "summary.json").read_text())["books"]


def no_client_stops_it(work, lines):
    """Every bad client at once, while the export goes on and others still get answers afterwards."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    job = Export(work, "attacked")
    job.write(lines)
    before = memory_of(job.process.pid)

    # Headers without end: refused with 431 or cut off, never read to their end.
    with job.connect() as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        sent, answer = 0, b""
        try:
            while sent < 64 << 20:
                sent += s.send(b"X-Filler: " + b"x" * 8000 + b"\r\n")
        except OSError:
            pass
        try:
            answer = s.recv(4096)
        except OSError:
            pass
        assert sent < 16 << 20, "it reads headers without end"
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 "), answer
    assert raw(job, b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789").startswith(b"HTTP/1.1 413 ")
    assert raw(job, b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")[:9] == b"HTTP/1.1 "
    assert raw(job, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(job, b"GET / HTTP/9.9\r\n\r\n")[:13] in (b"HTTP/1.1 400 ", b"")

    # Thousands at once: some half-open, some that ask and never read, all kept.
    kept, refused = [], 0
    for i in range(3000):
        try:
            s = socket.create_connection((job.host, int(job.port)), timeout=10)
            s.setblocking(False)
            s.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"\r\n" if i % 2 else b"X: "))
        except OSError:
            refused += 1
            continue
        kept.append(s)
    files = len(os.listdir(f"/proc/{job.process.pid}/fd"))
    assert files < 200, f"{files} descriptors are open"
    done = lines * 20
    job.write(done)  # goes on meanwhile: this returns when the export has read (nearly) all of it
    assert memory_of(job.process.pid) - before < 300 << 20
    # Half-open ones are cut off after a while, though nobody here closes them; then there is room again.
    while True:
        try:
            if job.get("/healthz")[0].status == 200:
                break
        except OSError:
            pass
    for s in kept:
        s.close()
    job.until_documents(len(lines))
    code, _ = job.finish()
    assert code == 0, code
    return job.out


def raw(job, request):
    with job.connect() as s:
        s.sendall(request)
        answer = b""
        try:
            while chunk := s.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


def memory_of(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) << 10


def same_output_with_and_without(work, lines, attacked):
    plain = work / "plain.ndjson"
    plain.write_text("".join(line + "\n" for line in lines * 21))
    out = work / "plain"
    done = subprocess.run([OUTRO, "export", str(plain), "--out", str(out), "--threads", "2", "--slice", "2M", "--quiet"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    packs = {p.name: p.read_bytes() for p in (out / "packs").iterdir()}
    assert packs == {p.name: p.read_bytes() for p in (attacked / "packs").iterdir()}


def wrong_addresses_are_refused_at_once(work, lines):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.org:80", "9090",
                        f"127.0.0.1:{taken.getsockname()[1]}"):
            out = work / "refused"
            done = subprocess.run([OUTRO, "export", str(work / "plain.ndjson"), "--out", str(out), "--status", address],
                                  capture_output=True, text=True)
            assert done.returncode == 2 and "--status" in done.stderr and not out.exists(), (address, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([GENERATE, "--out", str(work / "input"), "--accounts", "60"], check=True, capture_output=True)
        lines = "".join(p.read_text() for p in sorted((work / "input" / "dumps").iterdir())).splitlines()
        the_report_is_the_page(the_answers_are_right(work, lines))
        same_output_with_and_without(work, lines, no_client_stops_it(work, lines))
        wrong_addresses_are_refused_at_once(work, lines)


main()
