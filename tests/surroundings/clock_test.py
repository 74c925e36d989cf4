#!/usr/bin/env python3
"""A clock that is behind is noticed before anything is written, and what it made a dead letter is settled once it is mended."""
import json
import os
import shutil
import time

from testing.commands import complaint, export, verify
from testing.programs import SHIFTED_CLOCK
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

DAY = 86_400
YEARS = 10 * 365 * DAY


def at(shift):
    """The environment in which the clock is off by so many seconds."""
    return {**os.environ, "LD_PRELOAD": os.fspath(SHIFTED_CLOCK), "OUTRO_CLOCK_SHIFT": str(shift)}


def dump(path, first, count, when, extra=""):
    """Documents of an account each, exported at `when` (seconds since 1970)."""
    path.write_text("".join(f'{{"userId":{first + i},"exportedAt":{int(when * 1000)}{extra}}}\n' for i in range(count)))
    return path


def a_shard_that_is_newer_than_the_clock_refuses(work):
    now = time.time()
    shard = dump(work / "d.ndjson", 1000, 3, now - 5 * DAY)
    done = export(shard, work / "out", code=2, env=at(-YEARS))
    said = complaint(done, shard)
    expect_in("--ignore-clock", said)
    expect_in(time.strftime("set it (to %Y-%m-%dT%H:%M:%SZ or later)", time.gmtime(shard.stat().st_mtime)), said)
    assert not (work / "out").exists()
    os.utime(shard, (now + 3 * DAY, now + 3 * DAY))
    expect_in("was written at", export(shard, work / "out", code=2).stderr)
    os.utime(shard, (now + DAY / 2, now + DAY / 2))  # zones and clocks differ by that much
    export(shard, work / "out", "--quiet")


def documents_that_are_all_in_the_future_refuse(work):
    now = time.time()
    shard = dump(work / "d.ndjson", 1000, 3, now + 40 * DAY)
    said = complaint(export(shard, work / "out", code=2), shard)
    expect_in("every document", said)
    assert not (work / "out").exists()
    with open(shard, "a") as more:
        more.write(f'{{"userId":9,"exportedAt":{int((now - DAY) * 1000)}}}\n')
    export(shard, work / "out", "--quiet", code=3)  # the clock is right: three dates are wrong
    # Microseconds are in no clock's reach: that is the exporter's fault, and said of each document.
    wrong_unit = dump(work / "us.ndjson", 2000, 2, now * 1000)
    export(wrong_unit, work / "us", "--quiet", code=3)


def a_refusal_leaves_a_directory_as_it_was(work):
    shard = dump(work / "d.ndjson", 1000, 3, time.time() - DAY)
    out = work / "out"
    export(shard, out, "--quiet")
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    newer = dump(work / "n.ndjson", 1000, 4, time.time())
    export(newer, out, code=2, env=at(-YEARS))
    expect_equal({p: p.read_bytes() for p in out.rglob("*") if p.is_file()}, before)


def report_of(out, *options, code):
    return json.loads(verify(out, "--json", *options, code=code).stdout)


def a_dead_letter_of_a_wrong_clock_is_settled_by_the_same_command_under_a_right_one(work):
    """Among them one with something to redact, one that has an older archive, and one that stays dead."""
    now = time.time()
    out = work / "out"
    old = dump(work / "old.ndjson", 1000, 1, now - 20 * 365 * DAY)
    os.utime(old, (now - 12 * 365 * DAY,) * 2)
    export(old, out, "--quiet", env=at(-YEARS))
    shard = dump(work / "d.ndjson", 1000, 3, now - DAY, ',"profile":{"nickName":"n","password":"secret"}')
    with open(shard, "a") as more:
        more.write('{"userId":7,"exportedAt":99999999999999999}\n')
    export(shard, out, "--quiet", "--ignore-clock", code=3, env=at(-YEARS))
    # Still behind: nothing would be better.
    expect_in("nothing", export(shard, out, "--ignore-clock", code=3, env=at(-YEARS)).stdout.lower())
    report = report_of(out, code=3)
    expect_equal((report["settledDeadLetters"], report["documents"]["deadLetters"]), (0, 4))
    export(shard, out, "--quiet", code=3)
    report = report_of(out, code=3)
    expect_equal((report["settledDeadLetters"], report["documents"]["deadLetters"], report["documents"]["written"]), (3, 5, 4))
    expect_in("2 documents are kept as dead letters", report["reasons"][0])
    expect_equal(report_of(out, "--accept-dead-letters", code=0)["reasons"], [])
    expect_in("nothing", export(shard, out, code=3).stdout.lower())  # and no third run


def all_of_them_settled_is_a_yes(work):
    out = work / "out"
    shard = dump(work / "d.ndjson", 1000, 50, time.time() - DAY)
    export(shard, out, "--quiet", "--ignore-clock", code=3, env=at(-YEARS))
    expect_in("SAFE TO ERASE SOURCE: no", verify(out, code=3).stdout)
    export(shard, out, "--quiet")
    said = verify(out).stdout
    expect_in("50 dead letters are settled", said)
    expect_in("SAFE TO ERASE SOURCE: yes", said)
    expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--against", shard).stdout)


def other_bytes_of_the_account_settle_nothing(work):
    out = work / "out"
    now = time.time()
    export(dump(work / "d.ndjson", 1000, 3, now - DAY, ',"comments":[1]'), out, "--quiet", "--ignore-clock", code=3, env=at(-YEARS))
    export(dump(work / "e.ndjson", 1000, 3, now - DAY, ',"comments":[2]'), out, "--quiet")
    expect_equal(report_of(out, code=3)["settledDeadLetters"], 0)


def an_archive_that_is_damaged_settles_nothing(work):
    out = work / "out"
    shard = dump(work / "d.ndjson", 1000, 3, time.time() - DAY)
    export(shard, out, "--quiet", "--ignore-clock", code=3, env=at(-YEARS))
    export(shard, out, "--quiet")
    pack = next(out.glob("packs/r0002-*"))
    shutil.copy(next(out.glob("packs/r0001-*")), pack)
    expect_equal(report_of(out, code=1)["settledDeadLetters"], 0)


def main():
    for test in (a_shard_that_is_newer_than_the_clock_refuses, documents_that_are_all_in_the_future_refuse, a_refusal_leaves_a_directory_as_it_was,
                 a_dead_letter_of_a_wrong_clock_is_settled_by_the_same_command_under_a_right_one, all_of_them_settled_is_a_yes,
                 other_bytes_of_the_account_settle_nothing, an_archive_that_is_damaged_settles_nothing):
        with scratch() as work:
            promise(test, work)


main()
