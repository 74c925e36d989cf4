#!/usr/bin/env python3
"""An interrupted export goes on where it stopped, and ends as if nothing had happened."""
import os
import random
import signal
import time

from testing.commands import children_cpu, export, export_words
from testing.dumps import generate
from testing.jobs import open_fifo, running
from testing.outputs import bytes_of, check_sums, documents, expect_same_files, pack_paths
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

LANES = 3
OPTIONS = ["--catalogue", "--slice", "4M", "--quiet", "--threads", "2", "--shards-in-flight", LANES]
# Seconds of work that an order to stop may still take, and what it may take on a machine that is busy with other things: a
# fifth of what tools/deploy/outro.service gives it.
WORK_AFTER_A_SIGNAL, STOPPED_WITHIN = 5, 60


def expect_same_catalogue(whole, out):
    for name in ("tracks.ndjson.zst", "recordings.ndjson.zst"):
        assert (whole / "catalogue" / name).read_bytes() == (out / "catalogue" / name).read_bytes(), name


def kills_at_random_moments_lose_and_double_nothing(work, dumps, whole):
    """kill -9 until the run gets through; each time it may lose the slices in flight and nothing else."""
    random.seed(7)
    out = work / "killed"
    kills = 0
    while True:
        with running(*export_words(dumps, out, *OPTIONS)) as job:
            if kills < 12:
                # By what is done and not by the clock: how long a run takes says little of the next.
                enough = len(pack_paths(out)) + random.randrange(4)
                if job.reaches(lambda: len(pack_paths(out)) >= enough, f"{enough} packs", every=0.001):
                    more = bytes_of(out) + random.randrange(1 << 20)
                    job.reaches(lambda: bytes_of(out) >= more, f"{more} bytes", every=0.001)
                job.send(signal.SIGKILL)
            if job.end(code=(3, -signal.SIGKILL)).returncode == 3:
                break
            kills += 1
    assert kills >= 3, "the run was never interrupted"
    for folder in ("packs", "dead-letters"):
        expect_same_files(whole, out, folder)
    expect_same_catalogue(whole, out)
    expect_equal(documents(out), documents(whole))
    check_sums(out)
    print(f"{kills} kills, documents lost 0, documents doubled 0")


def a_signal_stops_it_soon_with_nothing_half_written(work, dumps, whole):
    """With 143 or 130, and no new slice is begun."""
    out = work / "stopped"
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        before = len(pack_paths(out))
        cpu_before = children_cpu()
        with running(*export_words(dumps, out, *OPTIONS)) as job:
            job.wait_for(lambda: len(pack_paths(out)) > before, "one more pack")
            assert job.pause(), "it ended before the signal came"
            done, cpu_until = len(pack_paths(out)), job.cpu_seconds()
            job.send(number)
            job.go_on()
            asked = time.monotonic()
            stopped = job.end(code)
        expect_in("stopped by a signal", stopped.stderr)
        assert children_cpu() - cpu_before - cpu_until < WORK_AFTER_A_SIGNAL
        assert time.monotonic() - asked < STOPPED_WITHIN
        assert len(pack_paths(out)) <= done + LANES, "slices were begun after the signal"
        assert not list(out.rglob("*.partial"))
    export(dumps, out, *OPTIONS, code=3)
    expect_same_files(whole, out, "packs")
    expect_same_catalogue(whole, out)


def a_second_writer_is_refused_and_a_waiting_one_stops(work, dumps):
    fifo, out = work / "endless", work / "locked"
    os.mkfifo(fifo)
    with running(*export_words(fifo, out, *OPTIONS)) as first:
        with open_fifo(fifo, first):
            first.wait_for(lambda: (out / "lock").exists() and (out / "lock").read_text().strip(), "its name in the lock")
            expect_in(str(first.pid), export(dumps, out, *OPTIONS, code=2).stderr)
            first.send(signal.SIGTERM)  # while it waits for the pipe
            first.end(code=143)


def a_cut_run(work, dumps, name):
    """Of which at least one slice is committed."""
    out = work / name
    with running(*export_words(dumps, out, *OPTIONS)) as job:
        # The second pack of a unit begins after the first one's commit.
        job.wait_for(lambda: len(list(out.glob("packs/r0001-u000001-*.tar.zst"))) >= 2, "a second pack of the first unit")
        job.send(signal.SIGKILL)
        job.end(code=-signal.SIGKILL)
    return out


def another_recipe_or_another_shard_is_refused(work, dumps):
    out = a_cut_run(work, dumps, "changed")
    expect_in("level: 3 then, 5 now", export(dumps, out, *OPTIONS, "--level", 5, code=2).stderr)
    # A shard of the same size with other bytes in what is committed already.
    first = sorted(dumps.iterdir())[0]
    original = first.read_bytes()
    first.write_bytes(original.replace(b'"exportedAt":16', b'"exportedAt":15', 1))
    changed = export(dumps, out, *OPTIONS, code=2)
    first.write_bytes(original)
    expect_in("is not what it was", changed.stderr)


def main():
    with scratch() as work:
        dumps = generate(work / "input", 1500, "--shard-size", "40M", "--malformed", "0.01")
        whole = work / "whole"
        export(dumps, whole, *OPTIONS, code=3)
        promise(kills_at_random_moments_lose_and_double_nothing, work, dumps, whole)
        promise(a_signal_stops_it_soon_with_nothing_half_written, work, dumps, whole)
        promise(a_second_writer_is_refused_and_a_waiting_one_stops, work, dumps)
        promise(another_recipe_or_another_shard_is_refused, work, dumps)


main()
