#!/usr/bin/env python3
"""Random histories of an output directory: shards come, go, break, change while they are read and are repaired; runs die; packs
are lost; the ledger is rebuilt. A `SAFE TO ERASE SOURCE: yes` while a document that was offered is lost fails, and is shrunk.

A hundred histories run with the other C++ tests (tests/jobs/histories); this runs more of them, and counts."""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from counts import Counts
from driver import arguments
from testing.programs import OUTRO
from testing.promises import skip

HUNT = "histories.have_no_yes_while_a_document_is_lost"


def main():
    args = arguments(__doc__, histories=(int, 100, "how many"), seed=(int, 0, "of the first; 0: by the clock"))
    wanted = max(args.histories, 10_000) if args.long else args.histories
    program = Path(OUTRO).parent / "tests" / "histories_test"
    if not program.exists():
        skip(f"{program} is not built")
    seed = args.seed or time.time_ns() % 1_000_000_000
    environment = {**os.environ, "RC_PARAMS": f"max_success={wanted} seed={seed}"}
    print(f"--seed {seed}", flush=True)
    done = subprocess.run([program, f"--gtest_filter={HUNT}"], env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit("a history ended with a wrong answer; RC_PARAMS above reproduces it")
    tried = int(re.search(r"OK, passed (\d+) tests", done.stdout)[1])
    counts = Counts(args.results)
    counts.add("random histories", "shards damaged, changed, repaired; deltas, kills, rebuilds, lost packs, accept flags", tried,
               outcome="no yes while a document is lost, no no where nothing went wrong")
    counts.write()


main()
