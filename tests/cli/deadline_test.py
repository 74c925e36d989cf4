#!/usr/bin/env python3
"""`outro export --deadline`: what is shown, warned of and stopped for, over a stop, a resume and a pause.

A high zstd level makes a small input take long enough for firm evidence. Times of the machine decide nothing here:
deadlines lie an hour off, or have passed.

usage: deadline_test.py OUTRO OUTRO_GENERATE
"""
import datetime
import json
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]


def at(seconds):
    when = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(seconds=seconds)
    return when.isoformat(timespec="seconds")


def export(*words):
    return subprocess.run([OUTRO, "export", *map(str, words)], capture_output=True, text=True, timeout=600)


def wrong_usage(work, dumps):
    for words, said in ((["--deadline", "tomorrow"], "2021-03-05T00:00:00+08:00"), (["--deadline", "2021-03-05T00:00:00"], "offset"),
                        (["--abort-if-late"], "--deadline")):
        done = export(dumps, "--out", work / "wrong", *words)
        assert done.returncode == 2 and said in done.stderr, done
    config = work / "wrong.toml"
    config.write_text('deadline = "soon"\n')
    done = export(dumps, "--out", work / "wrong", "--config", config)
    assert done.returncode == 2 and "offset" in done.stderr, done
    assert not (work / "wrong").exists()


def shown_at_the_end(work, dumps):
    config = work / "deadline.toml"
    config.write_text(f'deadline = "{at(36000)}"\nabort-if-late = true\n')
    done = export(dumps, "--out", work / "met", "--config", config)
    assert done.returncode == 0 and "met with" in done.stdout, done
    deadline = json.loads((work / "met/summary.json").read_text())["deadline"]
    assert deadline["met"] and deadline["headroom"] > 10, deadline
    page = (work / "met/report.html").read_text()
    begin = page.index('id="data">') + len('id="data">')
    data = json.loads(page[begin:page.index("</script>", begin)])
    assert data["deadlineMs"] == deadline["deadlineMs"] and data["headroom"] == deadline["headroom"]
    # Too late, but nobody asked to stop for it.
    done = export(dumps, "--out", work / "missed", "--deadline", at(-3600))
    assert done.returncode == 0 and "MISSED by 1 h" in done.stdout, done
    assert not json.loads((work / "missed/summary.json").read_text())["deadline"]["met"]


def stopped_and_resumed(work, dumps):
    out = work / "late"
    command = [dumps, "--out", out, "--threads", "1", "--level", "17", "--slice", "1M", "--json"]
    late = export(*command, "--deadline", at(-3600), "--abort-if-late")
    assert late.returncode == 4, late
    last = json.loads(late.stderr.splitlines()[-1])
    assert last["id"] == "DEADLINE_STOPPED" and last["exitCode"] == 4, last
    assert list(out.rglob("*.partial")) == []
    status = subprocess.run([OUTRO, "status", str(out)], capture_output=True, text=True)
    assert status.returncode == 1 and "choose a later --deadline" in status.stdout, status
    assert "  deadline      20" in status.stdout, status

    # Goes on until it has evidence, through a pause; then a resume knows the rate at once.
    with subprocess.Popen([OUTRO, "export", *map(str, command), "--deadline", at(3600)], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as job:
        job.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        job.send_signal(signal.SIGCONT)
        said = None
        for line in job.stderr:
            said = json.loads(line)
            if said["id"].startswith("DEADLINE"):
                break
        assert said["id"] == "DEADLINE_HOLDS" and said["headroom"] > 1.5 and said["finishMs"] < said["deadlineMs"], said
        job.send_signal(signal.SIGTERM)
        job.stderr.read()
    assert job.returncode == 143
    status = subprocess.run([OUTRO, "status", str(out)], capture_output=True, text=True)
    assert re.search(r"  deadline      \S+Z; projected finish 20", status.stdout), status
    with sqlite3.connect(out / "ledger.sqlite") as ledger:
        paces = ledger.execute("SELECT work_ms, bytes FROM paces WHERE process_ms = (SELECT max(process_ms) FROM paces)").fetchall()
    assert len(paces) > 3 and paces == sorted(paces), paces

    done = export(*command, "--deadline", at(3600))
    assert done.returncode == 0, done
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    ids = [line["id"] for line in lines]
    assert "DEADLINE_HOLDS" in ids, ids
    assert not {"DEADLINE_TIGHT", "DEADLINE_MISSED"} & set(ids), ids
    first = next(line for line in lines if line["id"] == "PROGRESS" and "headroom" in line)
    assert first["headroom"] > 1.5 and first["finishMs"] < first["deadlineMs"], first
    assert re.search(r" left · finish \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, headroom \d+\.\d\d", first["message"]), first


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name, accounts in (("few", 60), ("many", 2000)):
            subprocess.run([GENERATE, "--out", str(work / name), "--accounts", str(accounts), "--format", "zst"], check=True,
                           capture_output=True)
        wrong_usage(work, work / "few/dumps")
        shown_at_the_end(work, work / "few/dumps")
        stopped_and_resumed(work, work / "many/dumps")


main()
