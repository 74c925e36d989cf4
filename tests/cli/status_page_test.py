#!/usr/bin/env python3
"""`--status`: right answers to real clients, and no client (half-open, huge, thousands) stops or slows the export.
"""
import contextlib
import http.client
import json
import os
import re
import resource
import shutil
import socket
import stat
from pathlib import Path

from testing.commands import export, export_words, run
from testing.dumps import generate, lines_of
from testing.jobs import open_fifo, running
from testing.outputs import check_sums, packs
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch
from testing.waiting import PATIENCE

OPTIONS = ["--threads", "2", "--slice", "2M"]


class Fed:
    """A running export whose input is a FIFO, so that it lives as long as the test feeds it."""

    def __init__(self, out, job, feed):
        self.out, self.job, self.feed = out, job, feed
        url = job.wait_for_log("STATUS_SERVED")["url"]
        self.host, self.port = re.fullmatch(r"http://(.*):(\d+)/", url).groups()
        expect_equal(self.host, "127.0.0.1")

    def get(self, path, method="GET", headers={}):
        connection = http.client.HTTPConnection(self.host, int(self.port), timeout=PATIENCE)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body

    def state(self):
        answer, body = self.get("/status.json")
        assert answer.status == 200
        return json.loads(body)

    def wait_for_documents(self, n):
        self.job.wait_for(lambda: self.state()["progress"]["documents"] >= n, f"{n} documents")

    def connect(self):
        return socket.create_connection((self.host, int(self.port)), timeout=PATIENCE)

    def write(self, lines):
        self.feed.write("".join(line + "\n" for line in lines))
        self.feed.flush()

    def finish(self, code):
        self.feed.close()
        return self.job.end(code)


@contextlib.contextmanager
def fed(work, name):
    fifo, out = work / (name + ".ndjson"), work / name
    os.mkfifo(fifo)
    with running(*export_words(fifo, out, *OPTIONS, "--status", ":0", "--log", "json")) as job, open_fifo(fifo, job, "w") as feed:
        yield Fed(out, job, feed)


def the_answers_are_right(work, lines):
    with fed(work, "answers") as job:
        job.write(lines + ["{broken", "[]", "[]"])
        # What is fed stays in its block until that is full or the slice ends, so some of it is done now.
        job.write(lines * 3)
        job.wait_for_documents(len(lines) + 3)
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
        connection = http.client.HTTPConnection(job.host, int(job.port), timeout=PATIENCE)
        for _ in range(20):  # one connection, as Prometheus uses it
            connection.request("GET", "/metrics")
            assert connection.getresponse().read()
        connection.close()
        job.finish(code=3)
        ids = [line["id"] for line in job.job.log()]
        assert ids[0] == "RUN_BEGINS" and ids[-2:] == ["SEALING", "RUN_INCOMPLETE"] and "DEAD_LETTERS" in ids, ids
    return job.out


def check_with_promtool(text):
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not here (package prometheus): /metrics is not checked with it")
        return
    checked = run(promtool, "check", "metrics", input=text)
    expect_equal(checked.stdout + checked.stderr, "")


def the_report_is_the_page(out):
    """After the run: private, covered by the checksums, asks nobody, and holds the final figures."""
    report = out / "report.html"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    check_sums(out)
    expect_in("report.html", (out / "SHA256SUMS").read_text())
    page = report.read_text()
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])
    assert data["final"] and data["health"] == "finished"
    assert data["summary"]["books"] == json.loads((out / "summary.json").read_text())["books"]


def headers_without_end_are_not_read_to_their_end(job):
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


def odd_requests_are_refused(job):
    assert raw(job, b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789").startswith(b"HTTP/1.1 413 ")
    assert raw(job, b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")[:9] == b"HTTP/1.1 "
    assert raw(job, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(job, b"GET / HTTP/9.9\r\n\r\n")[:13] in (b"HTTP/1.1 400 ", b"")


def thousands_of_clients(job):
    """At once: some half-open, some that ask and never read, all kept."""
    kept = []
    for i in range(3000):
        with contextlib.suppress(OSError):  # refused
            s = socket.create_connection((job.host, int(job.port)), timeout=10)  # an attacker waits no longer
            kept.append(s)
            s.setblocking(False)
            s.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"\r\n" if i % 2 else b"X: "))
    return kept


def answers_again(job):
    try:
        return job.get("/healthz")[0].status == 200
    except (OSError, http.client.HTTPException):
        return False


def no_client_stops_it(work, lines):
    """Every bad client at once, while the export goes on and others still get answers afterwards."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with fed(work, "attacked") as job:
        job.write(lines)
        before = memory_of(job.job.pid)
        headers_without_end_are_not_read_to_their_end(job)
        odd_requests_are_refused(job)
        kept = thousands_of_clients(job)
        files = len(os.listdir(f"/proc/{job.job.pid}/fd"))
        assert files < 200, f"{files} descriptors are open"
        job.write(lines * 20)  # goes on meanwhile: this returns when the export has read (nearly) all of it
        assert memory_of(job.job.pid) - before < 300 << 20
        # Half-open ones are cut off after a while, though nobody here closes them; then there is room again.
        job.job.wait_for(lambda: answers_again(job), "an answer")
        for s in kept:
            s.close()
        job.wait_for_documents(len(lines))
        job.finish(code=0)
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


def the_output_is_the_same_without_it(work, lines, attacked):
    plain, out = work / "plain.ndjson", work / "plain"
    plain.write_text("".join(line + "\n" for line in lines * 21))
    export(plain, out, *OPTIONS, "--quiet")
    assert packs(out) == packs(attacked), "the packs differ"


def wrong_addresses_are_refused_at_once(work):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.org:80", "9090",
                        f"127.0.0.1:{taken.getsockname()[1]}"):
            out = work / "refused"
            expect_in("--status", export(work / "plain.ndjson", out, "--status", address, code=2).stderr)
            assert not out.exists(), address


def main():
    with scratch() as work:
        lines = lines_of(generate(work / "input", 60))
        promise(the_report_is_the_page, promise(the_answers_are_right, work, lines))
        promise(the_output_is_the_same_without_it, work, lines, promise(no_client_stops_it, work, lines))
        promise(wrong_addresses_are_refused_at_once, work)


main()
