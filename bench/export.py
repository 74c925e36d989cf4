#!/usr/bin/env python3
"""Exports the same dumps with 1, 2, ... threads and verifies the result; prints the figures as JSON.

usage: export.py OUTRO WORK_FOLDER INPUT_FOLDER
"""
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path


def measure(command):
    """Wall and CPU seconds, peak memory and output of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(["/usr/bin/env", *command], capture_output=True, text=True)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wallSeconds": wall, "cpuSeconds": cpu}, done.stdout


def main():
    outro, work, source = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    truth = json.loads((source / "truth.json").read_text())
    out = work / "export"
    runs = []
    threads = [1 << i for i in range(8) if 1 << i <= os.cpu_count()]
    for n in threads:
        shutil.rmtree(out, ignore_errors=True)
        figures, text = measure([outro, "export", str(source / "dumps"), "--out", str(out), "--threads", str(n),
                                 "--quiet", "--json"])
        summary = json.loads(text.splitlines()[-1])
        assert summary["books"]["written"] == truth["totals"]["documents"], "not every dump was archived"
        runs.append({"command": f"outro export --threads {n}", "threads": n, **figures,
                     "peakMemory": summary["peakMemory"], "jsonBytes": summary["books"]["documentBytes"],
                     "packBytes": summary["books"]["packBytes"], "accounts": summary["books"]["written"]})
    figures, text = measure([outro, "verify", str(out), "--threads", str(threads[-1]), "--quiet"])
    assert "SAFE TO ERASE SOURCE: yes" in text, text
    runs.append({"command": f"outro verify --threads {threads[-1]}", "threads": threads[-1], **figures,
                 "jsonBytes": runs[-1]["jsonBytes"], "accounts": runs[-1]["accounts"]})
    shutil.rmtree(out)
    input_bytes = sum(f.stat().st_size for f in (source / "dumps").iterdir())
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    json.dump({"machine": {"cpu": cpu, "cpus": os.cpu_count(), "kernel": platform.release()},
               "inputBytes": input_bytes, "runs": runs}, sys.stdout, indent=1)
    print()


main()
