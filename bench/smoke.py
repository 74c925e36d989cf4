#!/usr/bin/env python3
"""That the benches run, check what they measure, and that their tables can be made.

usage: smoke.py BUILD_FOLDER
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import end_to_end
import targets

HERE = Path(__file__).resolve().parent


def main():
    build = Path(sys.argv[1])
    # Every stage once: each checks its result before it is timed.
    subprocess.run([build / "bench/stages", "--benchmark_min_time=0.001"], check=True)
    has_peer = end_to_end.has_python_peer()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        command = [sys.executable, HERE / "end_to_end.py", "--accounts", "30", "--repeat", "2", "--memory-sizes", "20",
                   "--workloads", "standard,plain,stdin,small", "--peers", "python" if has_peer else "",
                   "--build", build, "--work", folder, "--out", out]
        subprocess.run([str(c) for c in command], check=True)
        data = json.loads(out.read_text())
        rows = {r[0]: r for r in targets.target_rows(data, None)}
        assert rows["efficiency, `.zst`, 1 thread"][2] != "not measured", rows
        assert ("python" in {r["what"] for r in data["runs"]}) == has_peer
        print(targets.text(data, None, [data]))


main()
