#!/usr/bin/env python3
"""The power goes at any operation: what the ledger claims is there, and the same command ends as if nothing had been.

A file-system double forgets all that was not synced, or keeps a random part of it and strikes again while the job recovers."""
from harness import (Counts, arguments, assert_claims_hold, assert_same, command, engines, generate, lossy_fs, lost_and_doubled,
                     pad, rows, run, scratch, spread, verify)

OPTIONS = ("--threads", "2", "--shards-in-flight", "2")
# Slice, accounts, size of a shard: many small packs, and fewer that are written past the page cache but for their ends.
SHAPES = (("1M", 60, "3M"), ("2M", 90, "6M"))


def look(out):
    """Slices that the ledger claims, all of them there; and those of which there is a file for nothing."""
    if not out.exists():
        return 0, 0
    claimed = assert_claims_hold(out)
    return claimed, len(list(out.glob("packs/*"))) - claimed


def cut(args, fs, dumps, whole, operation, seed, options, counts, kind):
    out = fs.at / "out"
    fs.ask("clear")
    fs.ask(f"power {operation}")
    run(command(args, dumps, out, *options))
    hits = fs.ask("hits")
    fs.ask(f"reboot {seed}")
    claimed, redone = look(out)
    if seed:
        # And once more while the job recovers.
        fs.ask(f"power {1 + operation * 7919 % 120}")
        run(command(args, dumps, out, *options))
        hits += fs.ask("hits")
        fs.ask(f"reboot {seed + 1}")
        redone += look(out)[1]
    done = run(command(args, dumps, out, *options))
    assert done.returncode == 3, (hits, done.returncode, done.stderr)
    lost, doubled = lost_and_doubled(whole, out)
    counts.add("power loss at the n-th operation", kind, len(hits), lost, doubled, redone,
               outcome="the same command finishes, byte for byte the same")
    # What is at rest is durable too: another power cut takes nothing back.
    fs.ask("reboot 0")
    assert_same(whole, out)
    if operation % 8 == 0:
        verify(args, out)
    fs.wipe()
    return claimed


def cuts_of_a_shape(args, slice_size, accounts, shard_size, work, counts):
    dumps = pad(generate(args, work / "input", accounts, "--shard-size", shard_size, "--malformed", "0.02", "--seed", "11"))
    whole = work / "whole"
    usual = (*OPTIONS, "--slice", slice_size)
    done = run(command(args, dumps, whole, *usual))
    assert done.returncode == 3, done.stderr
    verify(args, whole, dumps)
    with lossy_fs(args, work) as fs:
        for engine in [args.engine] if args.engine else engines(args, dumps, work):
            options = (*usual, "--io", engine)
            fs.ask("clear")
            done = run(command(args, dumps, fs.at / "out", *options))
            assert done.returncode == 3, done.stderr
            changes = fs.counts()["changes"]
            fs.ask("reboot 0")
            assert_same(whole, fs.at / "out")
            fs.wipe()
            print(f"slices of {slice_size}, {engine}: {changes} operations, {len(rows(whole))} documents", flush=True)
            for seed, kind in ((0, "file-system double, all unsynced lost"),
                               (1, "file-system double, unsynced torn at random; again while it recovers")):
                points = spread(changes, changes if args.long else args.sample)
                claimed = [cut(args, fs, dumps, whole, k, seed * k, options, counts, kind) for k in points]
                assert any(claimed) or not args.long, "no cut came after a commit"
                counts.write()


def main():
    args = arguments(__doc__, sample=(int, 5, "operations to try, of each kind and shape, in the short form"),
                     engine=(str, "", "only this one: uring or threads"))
    counts = Counts(args)
    for slice_size, accounts, shard_size in SHAPES:
        with scratch() as work:
            cuts_of_a_shape(args, slice_size, accounts, shard_size, work, counts)


main()
