#!/usr/bin/env python3
"""Every write, sync, rename, close, … fails in turn: the first, the second, until a run has no more of them.

Each time: exit 1, one message with the path and the remedy, nothing corrupt; then the same command ends as if nothing had
been. A call that fails for SQLite alone may also be one that it can do without: then the run ends well, and the same."""
import errno
import itertools

from counts import Counts
from driver import arguments, engines, export, spread, verify
from lossy_fs import lossy_fs
from testing.commands import complaint
from testing.dumps import generate, pad
from testing.outputs import claimed_slices, expect_same, lost_and_doubled
from testing.scratch import scratch

# Packs of this size are written past the page cache but for their ends.
LANES = ("--threads", "2", "--shards-in-flight", "2")
OPTIONS, SMALL = ("--slice", "3M", *LANES), ("--slice", "512K", *LANES)
SHARDS = ("--shard-size", "3M", "--malformed", "0.02", "--seed", "11")
# A full disk stays full until someone frees space; EIO may strike once.
ERRORS = ((errno.ENOSPC, "lasting"), (errno.EIO, "once"), (errno.EDQUOT, "lasting"), (errno.EROFS, "lasting"))
KINDS = ("write", "sync", "syncdir", "rename", "close", "create", "truncate", "mkdir", "unlink", "open", "read", "list")


def may_be_ignored(kind, name):
    """Calls whose failure takes nothing away: what was synced is durable, whatever its close says. SQLite itself passes over
    a directory that cannot be synced for its log or its journal; what the job needs of that directory it syncs again. What the
    job says of itself in the lock is for people, and not worth an export."""
    if name == "lock":
        return kind in ("write", "truncate", "open", "read", "close")
    if kind == "syncdir":
        return name == "out"
    if kind == "close":
        return not name.endswith(".partial") or name.startswith("ledger")
    return name.startswith("ledger.sqlite") or name.startswith("ledger.sqlite.partial")


def refused_before_any_work(kind, name):
    return kind in ("mkdir", "create", "list", "open") and name in ("out", "lock")


def a_failing_call_corrupts_nothing(fs, dumps, whole, options, rule, counts, injected, full):
    out = fs.at / "out"
    kind, _, _, how = rule.split()
    # A log that cannot be removed stays, and is empty.
    beside = ("ledger.sqlite-wal", "ledger.sqlite-shm") if kind == "unlink" else ()
    fs.ask("clear")
    fs.ask(f"fail {rule} -")
    done = export(dumps, out, *options, code=None)
    hits = fs.ask("hits")
    fs.ask("clear")
    if not hits:
        return False
    names = [hit.split(" ", 1)[1] for hit in hits]
    if done.returncode == 3:
        # Where the first part of a write went well, the kernel makes a short write of the failure, and the rest follows; a read
        # that failed ahead of time it tries again.
        assert kind in ("write", "read") and how == "once" or all(may_be_ignored(kind, name) for name in names), (rule, hits, done)
        # Then nothing was asked that is not done: a power cut takes nothing away.
        fs.ask("reboot 0")
        expect_same(whole, out, beside)
    else:
        assert done.returncode == 1 or done.returncode == 2 and refused_before_any_work(kind, names[0]), (rule, hits, done)
        line = complaint(done)
        # A lasting fault may strike first where it takes nothing away.
        assert any(("ledger.sqlite" if name.startswith("ledger.sqlite-") else name) in line for name in names), (hits, line)
        if out.exists():
            claimed_slices(out)
    export(dumps, out, *options)
    lost, doubled = lost_and_doubled(whole, out)
    counts.add(f"the n-th {kind} fails", injected, 1, lost, doubled,
               outcome="exit 1, path and remedy named, or the run does without that call; then the same command ends byte for byte the same")
    expect_same(whole, out, beside)
    if full:
        verify(out)
    fs.wipe()
    return True


def a_short_write_is_completed(fs, dumps, whole, options, number, counts):
    """Half of a write is done: that is no error, and the rest follows. Past the page cache, FUSE makes an error of it, so
    packs are small here."""
    out = fs.at / "out"
    fs.ask("clear")
    fs.ask(f"fail write {number} 0 once .zst.partial")
    export(dumps, out, *options)
    assert fs.ask("hits"), "no write failed"
    lost, doubled = lost_and_doubled(whole, out)
    counts.add("the n-th write is cut short", "file-system double", 1, lost, doubled, outcome="the run goes on, byte for byte the same")
    expect_same(whole, out)
    fs.wipe()


def main():
    args = arguments(__doc__, sample=(int, 3, "calls of each kind to try in the short form"))
    counts = Counts(args.results)
    with scratch() as work:
        dumps = pad(generate(work / "input", 60, *SHARDS))
        whole = work / "whole"
        export(dumps, whole, *OPTIONS)
        small = work / "small"
        export(dumps, small, *SMALL)
        with lossy_fs(work) as fs:
            for engine in engines(dumps, work):
                options = (*OPTIONS, "--io", engine)
                fs.ask("clear")
                export(dumps, fs.at / "out", *options)
                calls = fs.counts()
                fs.wipe()
                print(f"{engine}: {calls}", flush=True)
                errors = itertools.cycle(ERRORS)
                for kind in KINDS:
                    n = calls.get(kind, 0)
                    for number in spread(n, n if args.long else args.sample):
                        error, how = next(errors)
                        a_failing_call_corrupts_nothing(fs, dumps, whole, options, f"{kind} {number} {error} {how}", counts,
                             "file-system double: ENOSPC, EIO, EDQUOT, EROFS in turn", number % 5 == 0)
                for number in spread(14, 14 if args.long else 3):
                    a_short_write_is_completed(fs, dumps, small, (*SMALL, "--io", engine), number, counts)
    counts.write()


main()
