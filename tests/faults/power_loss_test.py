#!/usr/bin/env python3
"""The power goes at any operation: what the ledger claims is there, and the same command ends as if nothing had been.

A file-system double forgets all that was not synced, or keeps a random part of it and strikes again while the job recovers."""
from counts import Counts
from driver import arguments, engines, export, spread, verify
from lossy_fs import lossy_fs
from testing.dumps import generate, pad
from testing.outputs import claimed_slices, documents, expect_same, lost_and_doubled
from testing.scratch import scratch

OPTIONS = ("--threads", "2", "--shards-in-flight", "2")
# Slice, accounts, size of a shard: many small packs, and fewer that are written past the page cache but for their ends.
SHAPES = (("1M", 60, "3M"), ("2M", 90, "6M"))


def look(out):
    """Slices that the ledger claims, all of them there; and those of which there is a file for nothing."""
    if not out.exists():
        return 0, 0
    claimed = claimed_slices(out)
    return claimed, len(list(out.glob("packs/*"))) - claimed


def a_power_cut_loses_and_doubles_nothing(fs, dumps, whole, operation, seed, options, counts, kind):
    out = fs.at / "out"
    fs.ask("clear")
    fs.ask(f"power {operation}")
    export(dumps, out, *options, code=None)
    hits = fs.ask("hits")
    fs.ask(f"reboot {seed}")
    claimed, redone = look(out)
    if seed:
        # And once more while the job recovers.
        fs.ask(f"power {1 + operation * 7919 % 120}")
        export(dumps, out, *options, code=None)
        hits += fs.ask("hits")
        fs.ask(f"reboot {seed + 1}")
        redone += look(out)[1]
    export(dumps, out, *options)
    lost, doubled = lost_and_doubled(whole, out)
    counts.add("power loss at the n-th operation", kind, len(hits), lost, doubled, redone,
               outcome="the same command finishes, byte for byte the same")
    # What is at rest is durable too: another power cut takes nothing back.
    fs.ask("reboot 0")
    expect_same(whole, out)
    if operation % 8 == 0:
        verify(out)
    fs.wipe()
    return claimed


def cuts_of_a_shape(args, slice_size, accounts, shard_size, work, counts):
    dumps = pad(generate(work / "input", accounts, "--shard-size", shard_size, "--malformed", "0.02", "--seed", "11"))
    whole = work / "whole"
    usual = (*OPTIONS, "--slice", slice_size)
    export(dumps, whole, *usual)
    verify(whole, dumps)
    with lossy_fs(work) as fs:
        for engine in [args.engine] if args.engine else engines(dumps, work):
            options = (*usual, "--io", engine)
            fs.ask("clear")
            export(dumps, fs.at / "out", *options)
            changes = fs.counts()["changes"]
            fs.ask("reboot 0")
            expect_same(whole, fs.at / "out")
            fs.wipe()
            print(f"slices of {slice_size}, {engine}: {changes} operations, {len(documents(whole))} documents", flush=True)
            for seed, kind in ((0, "file-system double, all unsynced lost"),
                               (1, "file-system double, unsynced torn at random; again while it recovers")):
                points = spread(changes, changes if args.long else args.sample)
                claimed = [a_power_cut_loses_and_doubles_nothing(fs, dumps, whole, k, seed * k, options, counts, kind) for k in points]
                assert any(claimed) or not args.long, "no cut came after a commit"
                counts.write()


def main():
    args = arguments(__doc__, sample=(int, 5, "operations to try, of each kind and shape, in the short form"),
                     engine=(str, "", "only this one: uring or threads"))
    counts = Counts(args.results)
    for slice_size, accounts, shard_size in SHAPES:
        with scratch() as work:
            cuts_of_a_shape(args, slice_size, accounts, shard_size, work, counts)


main()
