#!/usr/bin/env python3
"""Limits of the process: open files are raised as far as they may be, and what is short is told before anything is written."""
import json
import re
import resource

from testing.commands import complaint, export, verify
from testing.compressed import zstd
from testing.dumps import generate, pad
from testing.promises import expect_in, promise
from testing.scratch import scratch


def open_files(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def a_low_soft_limit_is_raised(work, dumps):
    export(dumps, work / "soft", "--quiet", "--shards-in-flight", "8", "--slice", "64K", preexec_fn=open_files(24, 4096))
    expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "soft", preexec_fn=open_files(24, 4096)).stdout)


def a_low_hard_limit_is_told_and_what_it_says_is_enough(work, dumps):
    options = ("--quiet", "--shards-in-flight", "8", "--slice", "64K", "--threads", "2")
    said = complaint(export(dumps, work / "out", *options, code=2, preexec_fn=open_files(30, 30)))
    assert not (work / "out").exists()
    needed = int(re.search(r"ulimit -n (\d+)", said).group(1))
    export(dumps, work / "out", *options, preexec_fn=open_files(needed, needed))
    expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "out").stdout)


def memory_that_a_long_document_may_exceed_is_said(work):
    shard = work / "d.ndjson"
    shard.write_text('{"userId":1,"exportedAt":1611800000000}\n')
    lines = [json.loads(line) for line in export(shard, work / "small", "--log", "json").stderr.splitlines()]
    need = next(line for line in lines if line["id"] == "MEMORY_NEED")
    assert need["longestDocument"] == shard.stat().st_size, need
    assert "may not fit" not in need["message"], need
    packed = work / "p.ndjson.zst"  # nobody knows yet what is in it
    packed.write_bytes(zstd(shard.read_bytes()))
    free = need["usable"]
    tight = max(free - (256 << 20), 128 << 20)
    options = ("--memory", tight, "--threads", "1", "--log", "json")
    said = export(packed, work / "large", *options).stderr
    expect_in("may not fit", said)


def main():
    with scratch() as work:
        dumps = pad(generate(work / "input", 100, "--shard-size", "2M"))
        promise(a_low_soft_limit_is_raised, work, dumps)
        promise(a_low_hard_limit_is_told_and_what_it_says_is_enough, work, dumps)
    with scratch() as work:
        promise(memory_that_a_long_document_may_exceed_is_said, work)


main()
