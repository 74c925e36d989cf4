#!/usr/bin/env python3
"""A document that ends the process is found and put aside, whatever else dies; `outro status` tells the story.

usage: poison_test.py OUTRO OUTRO_GENERATE
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]
OPTIONS = ["--slice", "2M", "--quiet", "--threads", "2"]
# A sanitizer would report the planted crash and exit with 1; here the process is to die by the signal.
for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
    os.environ[name] = os.environ.get(name, "") + ":handle_segv=0"


def export(dumps, out, *more):
    return subprocess.run([OUTRO, "export", str(dumps), "--out", str(out), *OPTIONS, *more], capture_output=True,
                          text=True)


def status(out):
    told = subprocess.run([OUTRO, "status", str(out), "--json"], capture_output=True, text=True)
    assert told.stdout, told.stderr
    text = subprocess.run([OUTRO, "status", str(out)], capture_output=True, text=True)
    line = json.loads(told.stdout)
    assert line["next"] in text.stdout and line["health"] in text.stdout, text.stdout
    return told.returncode, line


def dead_letters(out):
    listed = subprocess.run([OUTRO, "list", str(out), "--dead-letters", "--json"], capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


def packs(out):
    return {p.name: p.read_bytes() for p in (out / "packs").iterdir()}


def isolated_after_two_crashes(work, dumps, lines, run_before=None):
    """The third process finishes; only the culprit is a dead letter, byte for byte."""
    out = run_before or work / "poisoned"
    poison = lines[len(lines) * 2 // 3]
    marker = poison[:poison.index(",")] + ","
    for _ in range(2):
        crashed = export(dumps, out, "--test-crash-on", marker)
        assert crashed.returncode == -signal.SIGSEGV, (crashed.returncode, crashed.stderr)
        code, told = status(out)
        assert code == 1 and told["health"] == "dead", told
        assert "--test-crash-on" in told["next"] and "cd " in told["next"], told
        assert told["inFlight"], told
    finished = export(dumps, out, "--test-crash-on", marker)
    assert finished.returncode == 3, (finished.returncode, finished.stderr)
    letters = dead_letters(out)
    assert [d["reason"] for d in letters] == ["CRASHED"], letters
    kept = subprocess.run(["zstd", "-dc", *map(str, (out / "dead-letters").iterdir())], capture_output=True, check=True)
    assert kept.stdout.decode() == poison + "\n"
    code, told = status(out)
    assert (code, told["health"], told["suspects"]) == (0, "finished", []), told
    verified = subprocess.run([OUTRO, "verify", str(out), "--against", str(dumps), "--accept-dead-letters"],
                              capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return out


def nobody_is_accused_by_kills(work, dumps, whole):
    """Slices that were in flight at two kills are tried document by document, and end as they would have."""
    out = work / "killed"
    for _ in range(2):
        process = subprocess.Popen([OUTRO, "export", str(dumps), "--out", str(out), *OPTIONS], stderr=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        while not list(out.glob("packs/*")):  # something is in flight
            time.sleep(0.002)
        process.kill()
        process.communicate()
    finished = export(dumps, out)
    assert finished.returncode == 0, finished.stderr
    assert packs(out) == packs(whole)


def status_beside_a_job(work, dumps):
    out, fifo = work / "beside", work / "endless"
    os.mkfifo(fifo)
    process = subprocess.Popen([OUTRO, "export", str(fifo), "--out", str(out), *OPTIONS], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    writer = os.open(fifo, os.O_WRONLY)
    while not (out / "lock").exists() or status(out)[1]["run"] != 1:
        time.sleep(0.01)
    code, told = status(out)
    assert (code, told["health"], told["pid"]) == (0, "running", process.pid), told

    # One that was stopped and said nothing for ten minutes: the clock is in the lock, so it can be turned back.
    process.send_signal(signal.SIGSTOP)
    lock = out / "lock"
    lock.write_text(re.sub(r'"beatMs":\d+', '"beatMs":1795000000000', lock.read_text()))
    code, told = status(out)
    assert (code, told["health"]) == (1, "hung") and f"kill {process.pid}" in told["next"], told
    process.send_signal(signal.SIGCONT)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    code, told = status(out)
    assert (code, told["health"], told["exitCode"]) == (1, "stopped", 143), told
    assert "stopped by a signal" in told["lastError"], told
    os.close(writer)


def status_without_a_ledger(work, whole):
    """A finished run whose ledger was deleted, or overwritten, is not called finished."""
    out = work / "lost"
    shutil.copytree(whole, out)
    for spoil in (lambda ledger: ledger.unlink(), lambda ledger: ledger.write_bytes(b"nonsense" * 1000)):
        spoil(out / "ledger.sqlite")
        code, told = status(out)
        assert (code, told["health"]) == (1, "damaged") and "ledger" in told["lastError"], told
        assert told["next"] == f"outro rebuild {out}", told
    (out / "lock").unlink()
    assert status(out)[1]["health"] == "damaged"

    # One that no SHA256SUMS vouches for may have been interrupted.
    (out / "ledger.sqlite").unlink()
    (out / "SHA256SUMS").unlink()
    subprocess.run([OUTRO, "rebuild", str(out)], check=True, capture_output=True)
    told = status(out)[1]
    assert told["committed"]["cut"] and told["next"].startswith("the export that was interrupted, once more"), told
    listed = subprocess.run([OUTRO, "list", str(out)], capture_output=True, text=True, check=True).stdout
    assert "cut short" in listed and "1970" not in listed, listed


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([GENERATE, "--out", str(work / "input"), "--accounts", "150"], check=True, capture_output=True)
        dumps = work / "input" / "dumps"
        lines = "".join(p.read_text() for p in sorted(dumps.iterdir())).splitlines()
        whole = work / "whole"
        assert export(dumps, whole).returncode == 0
        isolated_after_two_crashes(work, dumps, lines)
        nobody_is_accused_by_kills(work, dumps, whole)
        # In a delta run, accounts are looked up before they are archived; that must not touch the culprit either.
        newer = work / "newer"
        newer.mkdir()
        (newer / "a.ndjson").write_text("".join(line.replace('"exportedAt":16', '"exportedAt":15') + "\n" for line in lines))
        changed = [line.replace('"exportedAt":16', '"exportedAt":15') for line in lines]
        isolated_after_two_crashes(work, newer, changed, run_before=whole)
        status_without_a_ledger(work, whole)
        status_beside_a_job(work, dumps)
        nothing = subprocess.run([OUTRO, "status", str(work / "input")], capture_output=True, text=True)
        assert nothing.returncode == 2 and "not an output directory" in nothing.stderr, nothing


main()
