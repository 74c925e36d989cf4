#!/usr/bin/env python3
"""Where the CPU time went, of a real run: the rows of `--profile` add up to the process, and the summary's figures count
the catalogue's merge.

usage: profile_test.py OUTRO OUTRO_GENERATE
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]


def export(*words):
    """Standard output and error of an export, and the CPU seconds that the system counts for it."""
    before = os.times()
    done = subprocess.run([OUTRO, "export", *map(str, words)], capture_output=True, text=True)
    after = os.times()
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr, sum(after[2:4]) - sum(before[2:4])


def rows_add_up(stages, total, seconds):
    assert abs(sum(stages.values()) - total) < 0.01 * total, (stages, total)
    # What the process still does behind its own reading of the clock is little: 5 %, or two of the clock's ticks.
    assert abs(total - seconds) <= max(0.05 * seconds, 0.05), (total, seconds)
    for name in ("decode", "read", "recordings", "render", "compress", "hash", "catalogue"):
        assert stages[name] > 0, (name, stages)
    assert stages["rest"] < 0.5 * total, stages


def as_json(work, dumps):
    said, logged, seconds = export(dumps, "--out", work / "json", "--threads", "2", "--json", "--profile")
    profile = next(line for line in map(json.loads, logged.splitlines()) if line["id"] == "CPU_PROFILE")
    stages, total = profile["stages"], profile["cpuSeconds"]
    rows_add_up(stages, total, seconds)
    # All but what comes behind the summary, which is part of the row "finish".
    summary = json.loads(said)
    assert summary["cpuSeconds"] >= total - stages["finish"] - 1e-6, (summary["cpuSeconds"], total, stages)


def as_text(work, dumps):
    _, logged, seconds = export(dumps, "--out", work / "text", "--threads", "1", "--profile")
    table = logged[logged.index("CPU time by stage"):]
    rows = {name: float(s) for name, s in re.findall(r"^  (\S.*?) +(-?[\d.]+) s +-?[\d.]+ %$", table, re.MULTILINE)}
    total = rows.pop("process")
    assert abs(sum(rows.values()) - total) <= 0.01 * len(rows), (rows, total)  # each row is rounded
    assert abs(total - seconds) <= max(0.05 * seconds, 0.05), (total, seconds)


def main():
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        subprocess.run([GENERATE, "--out", work / "in", "--accounts", "1500"], check=True, capture_output=True)
        as_json(work, work / "in/dumps")
        as_text(work, work / "in/dumps")


main()
