#!/usr/bin/env python3
"""Where the CPU time went, of a real run: the rows of `--profile` add up to the process, and the summary's figures count
the catalogue's merge.
"""
import json
import re

from testing.commands import children_cpu, export, json_lines
from testing.dumps import generate
from testing.promises import promise
from testing.scratch import scratch


def profiled(dumps, out, *options):
    """Standard output and error of an export, and the CPU seconds that the system counts for it."""
    before = children_cpu()
    done = export(dumps, out, "--profile", *options)
    return done.stdout, done.stderr, children_cpu() - before


def rows_add_up(stages, total, seconds):
    assert abs(sum(stages.values()) - total) < 0.01 * total, (stages, total)
    # What the process still does behind its own reading of the clock is little: 5 %, or two of the clock's ticks. Both are
    # seconds of its own work, so that a busy machine changes nothing.
    assert abs(total - seconds) <= max(0.05 * seconds, 0.05), (total, seconds)
    for name in ("decode", "read", "recordings", "render", "compress", "hash", "catalogue"):
        assert stages[name] > 0, (name, stages)
    assert stages["rest"] < 0.5 * total, stages


def the_rows_in_json_add_up(work, dumps):
    said, logged, seconds = profiled(dumps, work / "json", "--threads", "2", "--json")
    profile = next(line for line in json_lines(logged) if line["id"] == "CPU_PROFILE")
    stages, total = profile["stages"], profile["cpuSeconds"]
    rows_add_up(stages, total, seconds)
    # All but what comes behind the summary, which is part of the row "finish".
    summary = json.loads(said)
    assert summary["cpuSeconds"] >= total - stages["finish"] - 1e-6, (summary["cpuSeconds"], total, stages)


def the_rows_in_text_add_up(work, dumps):
    _, logged, seconds = profiled(dumps, work / "text", "--threads", "1")
    table = logged[logged.index("CPU time by stage"):]
    rows = {name: float(s) for name, s in re.findall(r"^  (\S.*?) +(-?[\d.]+) s +-?[\d.]+ %$", table, re.MULTILINE)}
    total = rows.pop("process")
    assert abs(sum(rows.values()) - total) <= 0.01 * len(rows), (rows, total)  # each row is rounded
    assert abs(total - seconds) <= max(0.05 * seconds, 0.05), (total, seconds)


def main():
    with scratch() as work:
        dumps = generate(work / "in", 1500)
        promise(the_rows_in_json_add_up, work, dumps)
        promise(the_rows_in_text_add_up, work, dumps)


main()
