#!/usr/bin/env python3
"""kill -9 at random moments, at several thread counts, through first runs and delta runs; then the same command.

Each process says what is done and what remains; at the end packs, dead letters and the document table are byte for byte
those of an uninterrupted run. Prints the counts: kills, slices redone, documents lost (0), documents doubled (0)."""
import random
import re
import shutil
import subprocess
import time

from harness import (Counts, arguments, assert_claims_hold, assert_same, engines, generate, lost_and_doubled, run, scratch,
                     verify)

ACCOUNTS, LANES = 420, 3
SHARDS = ("--shard-size", "18M", "--malformed", "0.02", "--seed", "13")


def words(args, dumps, out, threads, engine):
    return [args.outro, "export", str(dumps), "--out", str(out), "--slice", "1M", "--shards-in-flight", str(LANES),
            "--threads", str(threads), "--io", engine]


def begun(out):
    """Slices of which there is a file: committed, written but not committed, or half-written."""
    names = {p.name[:20] for folder in ("packs", "dead-letters") for p in (out / folder).glob("r*")}
    return len(names)


class Round:
    def __init__(self, args, chance, counts, out, threads, engine, left):
        self.args, self.chance, self.counts, self.out = args, chance, counts, out
        self.threads, self.engine, self.left = threads, engine, left
        self.kills = 0

    def until_done(self, dumps, whole, seconds, first_slices):
        """Kills the run again and again; it gets on a little each time, and is then let through."""
        redone = kills = 0
        while True:
            done_before = assert_claims_hold(self.out) if self.out.exists() else 0
            process = subprocess.Popen(words(self.args, dumps, self.out, self.threads, self.engine), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            if self.kills < self.left:
                time.sleep(self.chance.uniform(0.0, seconds * 0.4))
                process.kill()
            _, errors = process.communicate(timeout=300)
            said = re.search(r"resumed +([\d,]+) slices? with", errors)
            if said:
                assert int(said[1].replace(",", "")) == done_before - first_slices, (errors, done_before, first_slices)
            if process.returncode != -9:
                assert process.returncode == 3, errors
                break
            kills += 1
            self.kills += 1
            claimed = assert_claims_hold(self.out) if self.out.exists() else 0
            assert claimed >= done_before, "a committed slice is gone"
            more = begun(self.out) - claimed
            assert 0 <= more <= LANES, f"{more} slices are to be redone, and only {LANES} were in flight"
            redone += more
        lost, doubled = lost_and_doubled(whole, self.out)
        self.counts.add("kill -9", "at random moments, 1 to 8 threads, first and delta runs", kills, lost, doubled, redone,
                        outcome="the same command finishes, byte for byte the same")
        assert_same(whole, self.out)


def main():
    args = arguments(__doc__, kills=(int, 24, "how often to kill, at least"), seed=(int, 0, "of the moments; 0: by the clock"))
    wanted = max(args.kills, 250) if args.long else args.kills
    counts = Counts(args)
    seed = args.seed or time.time_ns() % 1_000_000
    print(f"--seed {seed}", flush=True)
    chance = random.Random(seed)
    with scratch() as work:
        first = generate(args, work / "first", ACCOUNTS, *SHARDS)
        second = generate(args, work / "second", ACCOUNTS, *SHARDS, "--generation", "1", "--delta", "0.4")
        whole, delta = work / "whole", work / "delta"
        began = time.monotonic()
        assert run(words(args, first, whole, 2, "auto")).returncode == 3
        seconds = time.monotonic() - began
        shutil.copytree(whole, delta, copy_function=shutil.copy2)
        assert run(words(args, second, delta, 2, "auto")).returncode == 3
        slices = assert_claims_hold(whole)
        kinds = engines(args, first, work)
        kills = number = 0
        while kills < wanted:
            out = work / "out"
            threads = (1, 2, 4, 8)[number % 4]
            r = Round(args, chance, counts, out, threads, kinds[number % len(kinds)], min(wanted - kills, max(6, wanted // 16)))
            r.until_done(first, whole, seconds, 0)
            verify(args, out)
            r.until_done(second, delta, seconds * 0.6, slices)
            verify(args, out)
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
