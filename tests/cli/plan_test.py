#!/usr/bin/env python3
"""`outro plan`: what it answers from given figures, that it measures and cleans up, and when it refuses to answer.

Speeds of the machine decide nothing here: measured answers are checked for agreeing with themselves.
"""
import datetime
import json
import math
import signal
import statistics
import subprocess

from testing.commands import outro
from testing.compressed import unzstd
from testing.dumps import generate
from testing.jobs import running
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch


def plan(*words, **more):
    return outro("plan", *words, **more)


def given_figures_are_calculated_with():
    words = ["--accounts", 1000000, "--mean-bytes", "100K", "--rate", "100M", "--start", "2021-01-05T00:00:00Z"]
    one = json.loads(plan(*words, "--deadline", "2021-01-06T00:00:00Z", "--change-rate", 0.1, "--json").stdout)
    seconds = 1e6 * (100 << 10) / (100 << 20)
    assert math.isclose(one["secondsNeeded"]["value"], seconds, rel_tol=0.02), one
    assert one["secondsNeeded"]["low"] < seconds < one["secondsNeeded"]["high"]
    assert math.isclose(one["headroom"]["value"], 86400 / one["secondsNeeded"]["value"], rel_tol=1e-6)
    assert one["limit"] == "cpu" and one["machines"] == 1, one
    assert math.isclose(one["daily"]["secondsForChanged"], seconds / 10, rel_tol=0.1), one
    text = plan(*words, "--deadline", "2021-01-06T00:00:00Z").stdout
    assert "It fits.\n" in text and "2021-01-05T00:16" in text, text
    # A tenth of the time: the headroom says so, machines are named, and the exit code is told to schedulers.
    late = json.loads(plan(*words, "--deadline", "2021-01-05T00:02:00Z", "--json", code=4).stdout)
    assert late["headroom"]["high"] < 1 and late["machines"] >= 8, late
    assert "DOES NOT FIT" in plan(*words, "--deadline", "2021-01-05T00:02:00Z", code=4).stdout
    # Nights only; and dumps that come in slowly.
    nights = json.loads(plan(*words, "--hours-per-day", 0.1, "--json").stdout)
    assert nights["finish"]["value"].startswith("2021-01-07"), nights
    slow = json.loads(plan(*words, "--arrival", "1M", "--deadline", "2021-02-05T00:00:00Z", "--json").stdout)
    assert slow["limit"] == "arrival" and slow["finish"]["value"].startswith("2021-01-06T03"), slow


def nothing_is_said_of_the_disk_without_a_sample():
    text = plan("--accounts", 1000, "--mean-bytes", "100K", "--rate", "100M", "--arrival", "1M").stdout
    assert "not known without a sample" in text and "written" not in text, text


def a_measured_answer_agrees_with_itself(work, dumps):
    place = work / "scratch"
    place.mkdir()
    deadline = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).isoformat(timespec="seconds")
    words = [dumps, "--work", place, "--time", 0, "--ignore-noise", "--json", "--change-rate", 0.02]
    found = json.loads(plan(*words, "--accounts", 50000, "--deadline", deadline, "--no-levels").stdout)
    expect_equal(list(place.iterdir()), [], "something was left behind")
    m = found["measured"]
    assert m["documents"] == 400 and len(m["rounds"]) >= 4, m
    # The least of each kind: what other programs do on the machine makes a run longer, and never shorter.
    start, once, copies = (min(r[kind] for r in m["rounds"]) for kind in ("start", "once", "copies"))
    assert 0 < start < once < copies, m
    again = statistics.median((r["copies"] - r["once"]) / ((m["copies"] - 1) * m["jsonBytes"]) for r in m["rounds"])
    # A document that is seen for the first time costs up to half as much more.
    assert 0.66 < m["bytesPerSecond"] * again < 1.01, (again, m)
    assert math.isclose(found["jsonBytes"], 125 * m["jsonBytes"], rel_tol=1e-6)
    assert math.isclose(found["secondsNeeded"]["value"], found["jsonBytes"] / m["bytesPerSecond"] + m["startSeconds"], rel_tol=0.05)
    assert 0.01 < found["standardErrors"]["size"] < 0.5 and found["standardErrors"]["tracks"] >= 0
    assert 0 < found["inputBytes"] < found["outputBytes"] < found["jsonBytes"]
    assert 0 < found["daily"]["secondsForChanged"] < found["daily"]["secondsForAll"], found
    # Without a number of accounts the dumps are all there is, and nothing about their size is uncertain.
    whole = json.loads(plan(*words).stdout)
    assert math.isclose(whole["accounts"], 400) and whole["standardErrors"]["size"] == 0, whole
    # What no disk holds does not fit, whatever the deadline.
    vast = json.loads(plan(*words, "--accounts", 10**10, "--no-levels").stdout)
    assert vast["fitsOnDisk"] is False and vast["outputBytes"] > vast["diskFree"], vast
    # With levels.
    levels = json.loads(plan(*words, "--deadline", deadline, "--level", 15, "--sample", "6M").stdout)
    assert [x["level"] for x in levels["measured"]["levels"]] == [15, 19] and levels["highestLevel"] >= 15, levels


def what_cannot_be_answered_is_refused(work, dumps):
    def says(word, *words, **more):
        done = plan(*words, "--work", work, "--quiet", code=2, **more)
        expect_in(word, done.stderr)
        expect_equal(done.stdout, "")
    says("--accounts, --mean-bytes and --rate", "--accounts", 5)
    says("--accounts", "--accounts", -5)
    says("--mean-bytes is above 1G", "--accounts", 5, "--mean-bytes", "140G", "--rate", "1G")
    says("not a pipe", "-", stdin=subprocess.DEVNULL)
    says("2021-03-05T00:00:00+08:00", dumps, "--deadline", "soon")
    says("absent", work / "absent")
    whole = unzstd(*sorted(dumps.iterdir()))
    few = work / "few.ndjson"
    few.write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))
    says("too small", few)
    cut = work / "cut.ndjson"
    cut.write_bytes(whole[:1000])  # within its first document
    says("cut", cut)
    damaged = work / "damaged.ndjson.zst"
    damaged.write_bytes(next(dumps.iterdir()).read_bytes()[:20])
    says("no whole document", damaged)
    other = work / "other.ndjson"
    other.write_text("".join('{"name":"%s"}\n' % ("x" * 2000) for _ in range(5000)))
    says("outro layout check", other)
    assert not [p for p in work.iterdir() if p.name.startswith("outro-sample")]


def a_signal_ends_it_with_what_it_wrote(work, dumps):
    place = work / "stopped"
    place.mkdir()
    with running(OUTRO, "plan", dumps, "--work", place, "--time", "600") as job:
        job.wait_for(lambda: "round" in job.so_far().stderr, "the first round")
        job.send(signal.SIGTERM)
        job.end(code=143)
    expect_equal(list(place.iterdir()), [])


def main():
    with scratch() as work:
        dumps = generate(work / "input", 400, "--tracks", "20000", "--format", "zst")
        promise(nothing_is_said_of_the_disk_without_a_sample)
        promise(given_figures_are_calculated_with)
        promise(a_measured_answer_agrees_with_itself, work, dumps)
        promise(what_cannot_be_answered_is_refused, work, dumps)
        promise(a_signal_ends_it_with_what_it_wrote, work, dumps)


main()
