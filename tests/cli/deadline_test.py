#!/usr/bin/env python3
"""`outro export --deadline`: what is shown, warned of and stopped for, over a stop, a resume and a pause.

A high zstd level makes a small input take long enough for firm evidence. Times of the machine decide nothing here:
deadlines lie a month off, or have passed.
"""
import contextlib
import datetime
import json
import re
import signal
import sqlite3
import time

from testing.commands import export, export_words, json_lines, outro, status_of
from testing.dumps import generate
from testing.jobs import running
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch
from testing.waiting import wait_until

MONTH, HOUR = 30 * 86400, 3600
PAUSE_MS = 6000  # beyond what pace.h takes for a busy machine (stopped_seconds)


def at(seconds):
    when = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(seconds=seconds)
    return when.isoformat(timespec="seconds")


def a_wrong_deadline_is_refused(work, dumps):
    out = work / "wrong"
    for words, said in ((["--deadline", "tomorrow"], "2021-03-05T00:00:00+08:00"), (["--deadline", "2021-03-05T00:00:00"], "offset"),
                        (["--abort-if-late"], "--deadline")):
        expect_in(said, export(dumps, out, *words, code=2).stderr)
    config = work / "wrong.toml"
    config.write_text('deadline = "soon"\n')
    expect_in("offset", export(dumps, out, "--config", config, code=2).stderr)
    assert not out.exists()


def the_summary_says_whether_it_was_met(work, dumps):
    config = work / "deadline.toml"
    config.write_text(f'deadline = "{at(MONTH)}"\nabort-if-late = true\n')
    expect_in("met with", export(dumps, work / "met", "--config", config).stdout)
    deadline = json.loads((work / "met/summary.json").read_text())["deadline"]
    assert deadline["met"] and deadline["headroom"] > 10, deadline
    page = (work / "met/report.html").read_text()
    begin = page.index('id="data">') + len('id="data">')
    data = json.loads(page[begin:page.index("</script>", begin)])
    assert data["deadlineMs"] == deadline["deadlineMs"] and data["headroom"] == deadline["headroom"], (data, deadline)


def a_late_run_goes_on_where_nobody_asked_to_stop_it(work, dumps):
    expect_in("MISSED by 1 h", export(dumps, work / "missed", "--deadline", at(-HOUR)).stdout)
    assert not json.loads((work / "missed/summary.json").read_text())["deadline"]["met"]


def a_late_run_stops_where_asked_to(out, dumps, options):
    late = export(dumps, out, *options, "--deadline", at(-HOUR), "--abort-if-late", code=4)
    last = json_lines(late.stderr)[-1]
    assert last["id"] == "DEADLINE_STOPPED" and last["exitCode"] == 4, last
    expect_equal(list(out.rglob("*.partial")), [])
    status = outro("status", out, code=1).stdout
    expect_in("choose a later --deadline", status)
    expect_in("  deadline      20", status)


def a_forecast_comes_with_evidence_and_leaves_pauses_out(out, dumps, options):
    began = time.monotonic()
    with running(*export_words(dumps, out, *options, "--deadline", at(MONTH))) as job:
        job.wait_for(lambda: any(line["id"] == "PROGRESS" and line["documents"] > 0 for line in job.log()), "a document done")
        assert job.pause()
        last_sign = status_of(out)[1]["beatMs"]
        paused = time.monotonic()
        wait_until(lambda: 1000 * time.time() - last_sign > PAUSE_MS, "the last sign of life is old")
        paused = time.monotonic() - paused
        job.go_on()
        said = job.wait_for_log("DEADLINE_HOLDS", "DEADLINE_TIGHT", "DEADLINE_MISSED", "DEADLINE_STOPPED")
        assert said["id"] == "DEADLINE_HOLDS" and said["headroom"] > 1.5 and said["finishMs"] < said["deadlineMs"], said
        job.send(signal.SIGTERM)
        job.end(code=143)
    elapsed = time.monotonic() - began
    assert re.search(r"  deadline      \S+Z; projected finish 20", outro("status", out, code=1).stdout)
    with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as ledger:
        paces = ledger.execute("SELECT work_ms, bytes FROM paces WHERE process_ms = (SELECT max(process_ms) FROM paces)").fetchall()
    assert len(paces) > 3 and paces == sorted(paces), paces
    assert paces[-1][0] <= 1000 * (elapsed - paused), f"the pause of {paused} s counts as work: {paces[-1]} of {elapsed} s"


def a_resumed_run_knows_its_rate_at_once(out, dumps, options):
    lines = json_lines(export(dumps, out, *options, "--deadline", at(MONTH)).stderr)
    ids = [line["id"] for line in lines]
    expect_in("DEADLINE_HOLDS", ids)
    assert not {"DEADLINE_TIGHT", "DEADLINE_MISSED"} & set(ids), ids
    first = next(line for line in lines if line["id"] == "PROGRESS" and "headroom" in line)
    assert first["headroom"] > 1.5 and first["finishMs"] < first["deadlineMs"], first
    assert re.search(r" left · finish \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, headroom \d+\.\d\d", first["message"]), first


def main():
    with scratch() as work:
        few = generate(work / "few", 60, "--format", "zst")
        promise(a_wrong_deadline_is_refused, work, few)
        promise(the_summary_says_whether_it_was_met, work, few)
        promise(a_late_run_goes_on_where_nobody_asked_to_stop_it, work, few)
        # One run, stopped twice.
        run = (work / "late", generate(work / "many", 1200, "--format", "zst"),
               ["--threads", "1", "--level", "17", "--slice", "1M", "--json"])
        promise(a_late_run_stops_where_asked_to, *run)
        promise(a_forecast_comes_with_evidence_and_leaves_pauses_out, *run)
        promise(a_resumed_run_knows_its_rate_at_once, *run)


main()
