#!/usr/bin/env python3
"""Makes the README's table of faults from tests/faults/results/faults.json: counted, never typed.

usage: table.py            fills the README
       table.py RESULTS    first makes faults.json of what the drivers left in this folder"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COUNTS = ROOT / "tests/faults/results/faults.json"
# In the order of the reader's worries: the process, the power, the disk, the input.
DRIVERS = ("crash", "power_loss", "failing_calls", "real_faults", "bit_flips", "damaged_input", "odd_input", "histories")


def collect(folder):
    rows = [row for driver in DRIVERS for row in json.loads((Path(folder) / f"{driver}.json").read_text())]
    COUNTS.write_text(json.dumps(rows, indent=1) + "\n")


def table():
    rows = json.loads(COUNTS.read_text())
    lines = ["| fault | how it was injected | times tried | documents lost | what happens |", "| --- | --- | ---: | ---: | --- |"]
    for r in rows:
        lost = f"{r['lost']:,}" + (f" (and {r['doubled']:,} doubled)" if r["doubled"] else "")
        lines.append(f"| {r['fault']} | {r['injected']} | {r['tried']:,} | {lost} | {r['outcome']} |")
    tried, redone = sum(r["tried"] for r in rows), sum(r["slicesRedone"] for r in rows)
    lines += ["", f"In all {tried:,} faults; {sum(r['lost'] for r in rows)} documents lost, {sum(r['doubled'] for r in rows)} doubled, "
                  f"{redone:,} slices done again."]
    return "\n".join(lines)


def main():
    if len(sys.argv) > 1:
        collect(sys.argv[1])
    readme = ROOT / "README.md"
    text, found = re.subn(r"<!-- table: faults -->.*?<!-- end -->", lambda _: f"<!-- table: faults -->\n{table()}\n<!-- end -->",
                          readme.read_text(), flags=re.S)
    assert found == 1, "README.md has no place for the table faults"
    readme.write_text(text)


main()
