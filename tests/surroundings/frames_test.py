#!/usr/bin/env python3
"""A sound zstd shard that cannot be decoded here is refused before any work, with how to compress it again; and that leads on."""
import shutil
import subprocess

from testing.commands import export, outro, run, verify
from testing.dumps import generate
from testing.promises import expect_in, promise, skip
from testing.scratch import scratch


def piped(words, source, target):
    """Through a pipe zstd does not know the size, and takes the window that it is told."""
    with open(source, "rb") as data, open(target, "wb") as to:
        subprocess.run(words, stdin=data, stdout=to, check=True)


def plain_of(work):
    return next(iter((work / "dumps").iterdir()))


def every_command_refuses(dumps, out, *parts):
    for words in (["export", dumps, "--out", out], ["plan", dumps], ["tune", dumps]):
        done = outro(*words, code=2)
        for part in ("is sound", *parts):
            expect_in(part, done.stderr)
        assert "fetch" not in done.stderr and "damaged" not in done.stderr, done.stderr
    assert not out.exists()


def a_window_above_the_bound(work):
    dumps = work / "long"
    dumps.mkdir()
    shard = dumps / "a.ndjson.zst"
    piped(["zstd", "-q", "-c", "--ultra", "--long=31"], plain_of(work), shard)
    every_command_refuses(dumps, work / "o1", "zstd -dc --long=31 OLD | zstd -o NEW.zst")
    run("sh", "-c", f"zstd -q -dc --long=31 {shard} | zstd -q -o {dumps}/b.ndjson.zst && rm {shard}")
    export(dumps, work / "o1", "--quiet")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "o1", "--against", work / "dumps").stdout)


def a_dictionary(work):
    dumps = work / "dict"
    dumps.mkdir()
    shard = dumps / "a.ndjson.zst"
    run("zstd", "-q", "--train", "-B4K", plain_of(work), "-o", work / "dictionary")
    run("zstd", "-q", "-D", work / "dictionary", plain_of(work), "-o", shard)
    every_command_refuses(dumps, work / "o2", "dictionary", "zstd -d -D")
    run("zstd", "-q", "-d", "--rm", "-D", work / "dictionary", shard)
    export(dumps, work / "o2", "--quiet")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "o2", "--against", work / "dumps").stdout)


def one_that_only_reading_finds(work):
    """Behind the first frame preflight does not look; then it is a damaged shard, and the remedy is the same."""
    dumps = work / "later"
    dumps.mkdir()
    shard = dumps / "a.ndjson.zst"
    half = work / "half"
    lines = plain_of(work).read_bytes().splitlines(keepends=True)
    half.write_bytes(b"".join(lines[:5]))
    run("zstd", "-q", half, "-o", shard)
    half.write_bytes(b"".join(lines[5:]))
    piped(["zstd", "-q", "-c", "--ultra", "--long=31"], half, work / "second")
    with open(shard, "ab") as to:
        to.write((work / "second").read_bytes())
    done = export(dumps, work / "o3", "--quiet", code=3)
    expect_in("zstd -dc --long=31 OLD | zstd -o NEW.zst", done.stdout)
    run("sh", "-c", f"zstd -q -dc --long=31 {shard} | zstd -q -f -o {shard}.new && mv {shard}.new {shard}")
    export(dumps, work / "o3", "--quiet")
    expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "o3", "--against", work / "dumps").stdout)


def main():
    if shutil.which("zstd") is None:
        skip("the zstd command is not installed")
    with scratch() as work:
        generate(work, 60, "--profile", "small", "--tracks", "1000")
        for check in (a_window_above_the_bound, a_dictionary, one_that_only_reading_finds):
            promise(check, work)


main()
