#!/usr/bin/env python3
"""What a message says to do, done to the letter, leads on: links, readers of the ledger, a file system without inodes, runs that cannot
be resumed."""
import contextlib
import os
import sqlite3

from testing.commands import export, export_words, outro, run, shown, verify
from testing.dumps import generate, lines_of
from testing.jobs import open_fifo, running
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

ROOT = os.geteuid() == 0
SMALL = ("--profile", "small", "--tracks", "1000")
LINK = "put what it leads to in its place: remove the link alone, and move that here"


def a_link_is_replaced_by_what_it_leads_to(work):
    dumps = generate(work / "linked", 5, *SMALL)
    out = work / "links"
    export(dumps, out, "--quiet")
    for name in ("packs", "ledger.sqlite", "lock", "catalogue/parts", "SHA256SUMS"):
        elsewhere = work / "elsewhere"
        (out / name).rename(elsewhere)
        (out / name).symlink_to(elsewhere)
        for words in (["verify", out, "--quiet"], ["export", dumps, "--out", out, "--quiet"], ["rebuild", out]):
            if words[0] == "rebuild" and name == "ledger.sqlite":
                continue  # it makes a new one, whatever stands there
            done = outro(*words, code=None)
            said = done.stdout + done.stderr
            if done.returncode == 0:
                continue
            expect_in(LINK, said, (name, words))
            assert "remove it" not in said and "from a copy" not in said and "is missing" not in said, shown(done)
        (out / name).unlink()
        elsewhere.rename(out / name)
        expect_in("SAFE TO ERASE SOURCE: yes", verify(out).stdout)


def a_reader_of_the_ledger_is_waited_for(work):
    dumps = generate(work / "read", 5, *SMALL)
    out = work / "reader"
    export(dumps, out, "--quiet")
    (dumps / "more.ndjson").write_text('{"userId":77}\n')
    with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as ledger:
        ledger.execute("begin")
        ledger.execute("select count(*) from documents").fetchall()
        done = export(dumps, out, "--quiet", code=1)
        expect_in("another program has it open, for reading or writing", done.stderr)
    export(dumps, out, "--quiet")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", dumps).stdout)


def a_file_system_without_inodes_is_called_that(work):
    if not ROOT:
        print("not root: no file system of few inodes is made")
        return
    dumps = generate(work / "many", 60, *SMALL)
    place = work / "few"
    place.mkdir()
    for inodes in (4, 6, 8, 10, 14):
        run("mount", "-t", "tmpfs", "-o", f"nr_inodes={inodes},size=200M", "tmpfs", place)
        try:
            words = (dumps, place / "o", "--slice", "8K", "--quiet", "--ignore-preflight")
            done = export(*words, code=(1, 2))
            expect_in("no inodes are left", done.stderr, inodes)
            assert "put back" not in done.stderr and "free some space" not in done.stderr, shown(done)
            run("mount", "-o", "remount,nr_inodes=1000", place)
            export(*words)
            expect_in("SAFE TO ERASE SOURCE: yes", verify(place / "o").stdout)
        finally:
            run("umount", place)


def interrupted(dumps, out, *options):
    """A run of which the first slice is committed, and that never ends by itself: its last shard is a pipe that nobody writes."""
    pipe = dumps / "zz"
    os.mkfifo(pipe)
    with running(*export_words(dumps, out, "--slice", "8K", "--threads", "1", "--log", "json", *options)) as job:
        def committed():
            with contextlib.suppress(sqlite3.Error):
                with contextlib.closing(sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)) as ledger:
                    return ledger.execute("select count(*) from slices").fetchone()[0] > 0
            return False
        with open_fifo(pipe, job):
            job.wait_for(committed, "a slice is committed")
            job.process.kill()
            job.process.wait()
    pipe.unlink()


def stuck_run(work, name):
    """Its dumps, its output, and why the same command does not go on: a shard was rotated away, and a new one came."""
    dumps = generate(work / f"{name}-in", 60, "--shard-size", "32K", *SMALL)
    out = work / name
    interrupted(dumps, out)
    return dumps, out


def a_run_whose_shards_changed_goes_on_once_they_are_back(work):
    dumps, out = stuck_run(work, "back")
    first = sorted(dumps.iterdir())[0]
    away = work / "away"
    first.rename(away)
    done = export(dumps, out, "--slice", "8K", "--quiet", code=2)
    expect_in("put the shards back", done.stderr)
    away.rename(first)
    done = export(dumps, out, "--slice", "8K", "--quiet", code=2)  # the pipe was a shard of it too
    expect_in("--abandon-run 1", done.stderr)
    os.mkfifo(dumps / "zz")
    with running("sh", "-c", f": > {dumps}/zz"):
        export(dumps, out, "--slice", "8K", "--quiet")
    (dumps / "zz").unlink()
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", dumps).stdout)


def a_run_whose_shards_are_gone_is_given_up(work):
    dumps, out = stuck_run(work, "gone")
    everything = lines_of(dumps)
    sorted(dumps.iterdir())[-1].unlink()
    (dumps / "new.ndjson").write_text('{"userId":"a new one"}\n')
    words = (dumps, out, "--slice", "8K", "--quiet")
    expect_in("--abandon-run 1", export(*words, code=2).stderr)
    export(*words, "--abandon-run", "2", code=2)
    export(*words, "--abandon-run", "1")
    expect_in("cut short", outro("list", out).stdout)
    said = verify(out, "--against", dumps, code=3).stdout
    expect_in("run 1 was given up (--abandon-run)", said)
    expect_in("--accept-cut-run 1", said)
    assert "FINDING" not in said, said
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", dumps, "--accept-cut-run", "1").stdout)
    # The same command once more, which `outro status` names, gives up nothing else.
    expect_in("nothing to do", export(*words, "--abandon-run", "1").stdout)
    # And whoever finds the shard again loses nothing by having given the run up.
    whole = work / "whole.ndjson"
    whole.write_text("\n".join(everything) + "\n")
    export(whole, out, "--slice", "8K", "--quiet")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", whole, "--accept-cut-run", "1").stdout)
    # Nor does a lost ledger forget that it was cut.
    (out / "ledger.sqlite").unlink()
    outro("rebuild", out)
    expect_in("run 1 was cut short", verify(out, code=3).stdout)


def a_run_with_other_options_can_be_given_up_too(work):
    dumps, out = stuck_run(work, "options")
    expect_in("--abandon-run 1", export(dumps, out, "--slice", "9K", "--quiet", code=2).stderr)
    export(dumps, out, "--slice", "9K", "--quiet", "--abandon-run", "1")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", dumps, "--accept-cut-run", "1").stdout)


def a_finished_run_is_not_given_up(work):
    dumps = generate(work / "finished-in", 5, *SMALL)
    out = work / "finished"
    export(dumps, out, "--quiet")
    expect_in("run 1 is finished", export(dumps, out, "--quiet", "--abandon-run", "1", code=2).stderr)
    expect_equal(verify(out).returncode, 0)


def main():
    with scratch() as work:
        for check in (a_link_is_replaced_by_what_it_leads_to, a_reader_of_the_ledger_is_waited_for, a_file_system_without_inodes_is_called_that,
                      a_run_whose_shards_changed_goes_on_once_they_are_back, a_run_whose_shards_are_gone_is_given_up,
                      a_run_with_other_options_can_be_given_up_too, a_finished_run_is_not_given_up):
            promise(check, work)


main()
