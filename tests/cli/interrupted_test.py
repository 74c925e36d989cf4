#!/usr/bin/env python3
"""An interrupted export goes on where it stopped, and ends as if nothing had happened.

usage: interrupted_test.py OUTRO OUTRO_GENERATE
"""
import filecmp
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]
OPTIONS = ["--catalogue", "--slice", "4M", "--quiet", "--threads", "2", "--shards-in-flight", "3"]


def export(dumps, out):
    return subprocess.Popen([OUTRO, "export", str(dumps), "--out", str(out), *OPTIONS], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def packs(out):
    """How many slices are durable."""
    return len(list(out.glob("packs/*.tar.zst")))


def outcomes(out):
    ledger = sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)
    columns = ("run, unit, slice, idx, account, exported_at, digest, content, outcome, reason, proven, shard, offset,"
               "line, length, stored_offset, stored_bytes")
    return ledger.execute(f"select {columns} from documents order by run, unit, slice, idx").fetchall()


def same_files(a, b, folder):
    names = sorted(os.listdir(a / folder))
    assert names == sorted(os.listdir(b / folder)), (names, sorted(os.listdir(b / folder)))
    _, different, failed = filecmp.cmpfiles(a / folder, b / folder, names, shallow=False)
    assert not different and not failed, (different, failed)


def same_catalogue(a, b):
    for name in ("tracks.ndjson.zst", "recordings.ndjson.zst"):
        assert filecmp.cmp(a / "catalogue" / name, b / "catalogue" / name, shallow=False), name


def killed_at_random_moments(work, dumps, whole):
    """kill -9 until the run gets through; each time it may lose the slices in flight and nothing else."""
    random.seed(7)
    out = work / "killed"
    kills = 0
    while True:
        process = export(dumps, out)
        if kills < 12:
            # By what is done and not by the clock: how long a run takes says little of the next.
            enough = packs(out) + random.randrange(4)
            while packs(out) < enough and process.poll() is None:
                time.sleep(0.002)
            time.sleep(random.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        if process.returncode == -signal.SIGKILL:
            kills += 1
            continue
        assert process.returncode == 3, errors
        break
    assert kills >= 3, "the run was never interrupted"
    for folder in ("packs", "dead-letters"):
        same_files(whole, out, folder)
    same_catalogue(whole, out)
    assert outcomes(whole) == outcomes(out)
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    print(f"{kills} kills, documents lost 0, documents doubled 0")


def stopped_by_a_signal(work, dumps, whole):
    """SIGTERM ends the run within five seconds with 143, and leaves nothing half-written."""
    out = work / "stopped"
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        before = packs(out)
        process = export(dumps, out)
        while packs(out) == before:
            time.sleep(0.01)
        asked = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate()
        assert process.returncode == code, (process.returncode, errors)
        assert "stopped by a signal" in errors
        assert time.monotonic() - asked < 5
        assert not list(out.rglob("*.partial"))
    process = export(dumps, out)
    process.communicate()
    assert process.returncode == 3
    same_files(whole, out, "packs")
    same_catalogue(whole, out)


def refused_beside_another_writer(work, dumps):
    fifo = work / "endless"
    os.mkfifo(fifo)
    out = work / "locked"
    first = export(fifo, out)
    writer = os.open(fifo, os.O_WRONLY)
    while not (out / "lock").exists() or not (out / "lock").read_text().strip():
        time.sleep(0.01)
    second = export(dumps, out)
    _, errors = second.communicate()
    assert second.returncode == 2 and str(first.pid) in errors, errors
    first.send_signal(signal.SIGTERM)  # while it waits for the pipe
    first.communicate(timeout=5)
    assert first.returncode == 143, first.returncode
    os.close(writer)


def refused_with_another_recipe_or_shard(work, dumps):
    out = work / "changed"
    process = export(dumps, out)
    # The second pack of a unit begins after the first one's commit.
    while len(list(out.glob("packs/r0001-u000001-*.tar.zst"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    other = subprocess.run([OUTRO, "export", str(dumps), "--out", str(out), *OPTIONS, "--level", "5"],
                           capture_output=True, text=True)
    assert other.returncode == 2 and "level: 3 then, 5 now" in other.stderr, other.stderr
    # A shard of the same size with other bytes in what is committed already.
    first = sorted(dumps.iterdir())[0]
    original = first.read_bytes()
    first.write_bytes(original.replace(b'"exportedAt":16', b'"exportedAt":15', 1))
    changed = subprocess.run([OUTRO, "export", str(dumps), "--out", str(out), *OPTIONS], capture_output=True, text=True)
    first.write_bytes(original)
    assert changed.returncode == 2 and "is not what it was" in changed.stderr, (changed.returncode, changed.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([GENERATE, "--out", str(work / "input"), "--accounts", "1500", "--shard-size", "40M",
                        "--malformed", "0.01"], check=True, capture_output=True)
        dumps, whole = work / "input" / "dumps", work / "whole"
        process = export(dumps, whole)
        _, errors = process.communicate()
        assert process.returncode == 3, errors
        killed_at_random_moments(work, dumps, whole)
        stopped_by_a_signal(work, dumps, whole)
        refused_beside_another_writer(work, dumps)
        refused_with_another_recipe_or_shard(work, dumps)


main()
