#!/usr/bin/env python3
"""A document that ends the process is found and put aside, whatever else dies; `outro status` tells the story."""
import os
import re
import shutil
import signal

from testing.commands import export, export_words, outro, status_of, listed, verify
from testing.compressed import unzstd
from testing.dumps import generate, lines_of
from testing.jobs import open_fifo, running
from testing.outputs import packs
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

OPTIONS = ["--slice", "2M", "--quiet", "--threads", "2"]
# A sanitizer would report the planted crash and exit with 1; here the process is to die by the signal.
for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
    os.environ[name] = os.environ.get(name, "") + ":handle_segv=0"


def status(out):
    """As JSON; what is said to people names the same."""
    code, told = status_of(out)
    text = outro("status", out, code=None).stdout
    expect_in(told["next"], text)
    expect_in(told["health"], text)
    return code, told


def the_culprit_alone_is_put_aside_after_two_crashes(work, dumps, lines, out):
    """The third process finishes; only the culprit is a dead letter, byte for byte."""
    poison = lines[len(lines) * 2 // 3]
    marker = poison[:poison.index(",")] + ","
    for _ in range(2):
        export(dumps, out, *OPTIONS, "--test-crash-on", marker, code=-signal.SIGSEGV)
        code, told = status(out)
        assert code == 1 and told["health"] == "dead", told
        assert "--test-crash-on" in told["next"] and "cd " in told["next"], told
        assert told["inFlight"], told
    export(dumps, out, *OPTIONS, "--test-crash-on", marker, code=3)
    expect_equal([d["reason"] for d in listed(out, "--dead-letters")], ["CRASHED"])
    expect_equal(unzstd(*(out / "dead-letters").iterdir()).decode(), poison + "\n")
    code, told = status(out)
    expect_equal((code, told["health"], told["suspects"]), (0, "finished", []), told)
    verify(out, "--against", dumps, "--accept-dead-letters")


def in_a_delta_too(work, lines, whole):
    """Accounts are looked up before they are archived; that must not touch the culprit either."""
    newer = work / "newer"
    newer.mkdir()
    changed = [line.replace('"exportedAt":16', '"exportedAt":15') for line in lines]
    (newer / "a.ndjson").write_text("".join(line + "\n" for line in changed))
    the_culprit_alone_is_put_aside_after_two_crashes(work, newer, changed, whole)


def kills_accuse_nobody(work, dumps, whole):
    """Slices that were in flight at two kills are tried document by document, and end as they would have."""
    out = work / "killed"
    kills, tries = 0, 0
    while kills < 2:
        tries += 1
        assert tries < 50, "it always ends before the kill comes"
        with running(*export_words(dumps, out, *OPTIONS)) as job:
            job.wait_for(lambda: list(out.glob("packs/*")), "a slice in flight")
            job.send(signal.SIGKILL)
            kills += 1
            if job.end(code=(0, -signal.SIGKILL)).returncode == 0:  # it was faster: once more from the beginning
                kills = 0
                shutil.rmtree(out)
    export(dumps, out, *OPTIONS)
    assert packs(out) == packs(whole), "the packs differ"


def status_tells_a_running_a_hung_and_a_stopped_job(work, dumps):
    out, fifo = work / "beside", work / "endless"
    os.mkfifo(fifo)
    with running(*export_words(fifo, out, *OPTIONS)) as job, open_fifo(fifo, job):
        job.wait_for(lambda: (out / "lock").exists() and status(out)[1]["run"] == 1, "a run in its status")
        code, told = status(out)
        expect_equal((code, told["health"], told["pid"]), (0, "running", job.pid), told)

        # One that was stopped and said nothing for ten minutes: the clock is in the lock, so it can be turned back.
        assert job.pause()
        lock = out / "lock"
        lock.write_text(re.sub(r'"beatMs":\d+', '"beatMs":1795000000000', lock.read_text()))
        code, told = status(out)
        assert (code, told["health"]) == (1, "hung") and f"kill {job.pid}" in told["next"], told
        job.go_on()

        job.send(signal.SIGTERM)
        job.end(code=143)
        code, told = status(out)
        expect_equal((code, told["health"], told["exitCode"]), (1, "stopped", 143), told)
        expect_in("stopped by a signal", told["lastError"])


def a_lost_ledger_is_not_called_finished(work, whole):
    """A finished run whose ledger was deleted, or overwritten."""
    out = work / "lost"
    shutil.copytree(whole, out)
    for spoil in (lambda ledger: ledger.unlink(), lambda ledger: ledger.write_bytes(b"nonsense" * 1000)):
        spoil(out / "ledger.sqlite")
        code, told = status(out)
        assert (code, told["health"]) == (1, "damaged") and "ledger" in told["lastError"], told
        expect_equal(told["next"], f"outro rebuild {out}", told)
    (out / "lock").unlink()
    expect_equal(status(out)[1]["health"], "damaged")

    # One that no SHA256SUMS vouches for may have been interrupted.
    (out / "ledger.sqlite").unlink()
    (out / "SHA256SUMS").unlink()
    outro("rebuild", out)
    told = status(out)[1]
    assert told["committed"]["cut"] and told["next"].startswith("the export that was interrupted, once more"), told
    said = outro("list", out).stdout
    assert "cut short" in said and "1970" not in said, said


def what_is_no_output_directory_is_said_to_be_none(folder):
    expect_in("not an output directory", outro("status", folder, code=2).stderr)


def main():
    with scratch() as work:
        dumps = generate(work / "input", 150)
        lines = lines_of(dumps)
        whole = work / "whole"
        export(dumps, whole, *OPTIONS)
        promise(the_culprit_alone_is_put_aside_after_two_crashes, work, dumps, lines, work / "poisoned")
        promise(kills_accuse_nobody, work, dumps, whole)
        promise(in_a_delta_too, work, lines, whole)
        promise(a_lost_ledger_is_not_called_finished, work, whole)
        promise(status_tells_a_running_a_hung_and_a_stopped_job, work, dumps)
        promise(what_is_no_output_directory_is_said_to_be_none, work / "input")


main()
