#!/usr/bin/env python3
"""kill -9 at random moments, at several thread counts, through first runs and delta runs; then the same command.

Each process says what is done and what remains; at the end packs, dead letters and the document table are byte for byte
those of an uninterrupted run. Prints the counts: kills, slices redone, documents lost (0), documents doubled (0)."""
import random
import re
import shutil
import signal
import time

from counts import Counts
from driver import arguments, engines, verify
from testing.commands import export_words, run
from testing.dumps import generate
from testing.jobs import running
from testing.outputs import bytes_of, claimed_slices, expect_same, lost_and_doubled
from testing.promises import expect_equal
from testing.scratch import scratch

ACCOUNTS, LANES = 420, 3
SHARDS = ("--shard-size", "18M", "--malformed", "0.02", "--seed", "13")


def words(dumps, out, threads, engine):
    return export_words(dumps, out, "--slice", "1M", "--shards-in-flight", LANES, "--threads", threads, "--io", engine)


def begun(out):
    """Slices of which there is a file: committed, written but not committed, or half-written."""
    names = {p.name[:20] for folder in ("packs", "dead-letters") for p in (out / folder).glob("r*")}
    return len(names)


class Round:
    def __init__(self, chance, counts, out, threads, engine, left):
        self.chance, self.counts, self.out = chance, counts, out
        self.threads, self.engine, self.left = threads, engine, left
        self.kills = 0

    def kills_lose_and_double_nothing(self, dumps, whole, bytes_to_come, first_slices):
        """Kills the run again and again; it gets on a little each time, and is then let through.

        The moments are random in what is done, and not in time: after up to 0.4 of the bytes that the run writes, from none at
        all on. `first_slices`: of the run before."""
        redone = kills = 0
        while True:
            done_before = claimed_slices(self.out) if self.out.exists() else 0
            with running(*words(dumps, self.out, self.threads, self.engine)) as job:
                if self.kills < self.left:
                    enough = bytes_of(self.out) + self.chance.uniform(0, bytes_to_come * 0.4)
                    job.reaches(lambda: bytes_of(self.out) >= enough, f"{enough} bytes", every=0.001)
                    job.send(signal.SIGKILL)
                done = job.end(code=(3, -signal.SIGKILL))
            said = re.search(r"resumed +([\d,]+) slices? with", done.stderr)
            if said:
                expect_equal(int(said[1].replace(",", "")), done_before - first_slices, done.stderr)
            if done.returncode == 3:
                break
            kills += 1
            self.kills += 1
            claimed = claimed_slices(self.out) if self.out.exists() else 0
            assert claimed >= done_before, "a committed slice is gone"
            more = begun(self.out) - claimed
            assert 0 <= more <= LANES, f"{more} slices are to be redone, and only {LANES} were in flight"
            redone += more
        lost, doubled = lost_and_doubled(whole, self.out)
        self.counts.add("kill -9", "at random moments, 1 to 8 threads, first and delta runs", kills, lost, doubled, redone,
                        outcome="the same command finishes, byte for byte the same")
        expect_same(whole, self.out)


def main():
    args = arguments(__doc__, kills=(int, 24, "how often to kill, at least"), seed=(int, 0, "of the moments; 0: by the clock"))
    wanted = max(args.kills, 250) if args.long else args.kills
    counts = Counts(args.results)
    seed = args.seed or time.time_ns() % 1_000_000
    print(f"--seed {seed}", flush=True)
    chance = random.Random(seed)
    with scratch() as work:
        first = generate(work / "first", ACCOUNTS, *SHARDS)
        second = generate(work / "second", ACCOUNTS, *SHARDS, "--generation", "1", "--delta", "0.4")
        whole, delta = work / "whole", work / "delta"
        run(*words(first, whole, 2, "auto"), code=3)
        shutil.copytree(whole, delta, copy_function=shutil.copy2)
        run(*words(second, delta, 2, "auto"), code=3)
        slices, written = claimed_slices(whole), bytes_of(whole)
        kinds = engines(first, work)
        kills = number = 0
        while kills < wanted:
            out = work / "out"
            threads = (1, 2, 4, 8)[number % 4]
            r = Round(chance, counts, out, threads, kinds[number % len(kinds)], min(wanted - kills, max(6, wanted // 16)))
            r.kills_lose_and_double_nothing(first, whole, written, 0)
            verify(out)
            r.kills_lose_and_double_nothing(second, delta, bytes_of(delta) - written, slices)
            verify(out)
            shutil.rmtree(out)
            kills += r.kills
            number += 1
            print(f"round {number}: {threads} threads, {r.kills} kills", flush=True)
    (row,) = counts.rows.values()
    print(f"{row['tried']} kills over {2 * number} runs, {row['slicesRedone']} slices redone, documents lost {row['lost']}, "
          f"documents doubled {row['doubled']}")
    assert row["tried"] >= wanted
    counts.write()


main()
