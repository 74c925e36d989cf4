#!/usr/bin/env python3
"""Every step is linear or n log n: work is counted at n, 2n and 4n items of each hostile shape, for every command that it is
made for. What 2n items add from 2n to 4n may be so many times what n items add from n to 2n; so what a command costs before
its work begins counts for nothing. Counted are instructions, so nothing depends on the machine or on time.

`tools/faults --long work` counts more shapes, at eight times as many."""
import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from counted import Counter
from shapes import SHAPES, Shape, favourites, playlists, track
from testing.programs import BUILD
from testing.promises import expect_equal
from testing.scratch import scratch

# n log n grows by less than 2.3 from a hundred items on, and tables whose size is a power of two add a little; n² by 4.
MOST_GROWTH = 2.6
# Counts waver by some ten thousand instructions (threads that look for work).
WAVERS = 500_000
PLAIN = ("--threads", "1", "--quiet", "--io", "threads")


def colliding(program):
    def write(folder, n):
        ids = subprocess.run([program.parent / "work_ids", str(n)], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        return favourites(lambda i: f'{{"song":{{"songId":{ids[i]}}}}}')(folder, n)
    return write


def commands_of(shape, dumps, out, folder):
    """(command, its words, exit code), in the order in which they run."""
    incomplete = 3 if shape.dead else 0
    if shape.then == ("recordings",):
        yield "recordings", ["recordings", *dumps], 0
        return
    runs = [[d] for d in dumps] if len(dumps) > 1 else [dumps]
    for number, run in enumerate(runs, 1):
        yield f"export {number}", ["export", *run, "--out", out, *PLAIN, *shape.export], incomplete
    for then in shape.then:
        if then == "verify":
            yield then, ["verify", out, "--accept-dead-letters", "--threads", "1", "--quiet", "--against", *dumps], 0
        elif then == "list":
            yield then, ["list", out, "--json"], 0
        elif then == "extract":
            yield then, ["extract", out, "--account", "1", "--as", "files", "--to", folder / "files"], 0
        elif then == "catalogue":
            yield then, ["catalogue", out, "--to", folder / "catalogue", "--threads", "1"], 0
        elif then == "rebuild":
            (out / "ledger.sqlite").unlink()
            yield then, ["rebuild", out], 0


def counts_of(counter, work, shape, n):
    """By command: its instructions."""
    folder = work / "case"
    folder.mkdir()
    dumps = shape.write(folder, n)
    counts = {name: counter.count(*words, code=code)
              for name, words, code in commands_of(shape, dumps, folder / "out", folder)}
    shutil.rmtree(folder)
    return counts


def grows_no_faster_than_its_input(counter, work, name, shape, factor):
    """What grew faster, in words."""
    n = shape.items * factor
    counted = [counts_of(counter, work, shape, size) for size in (n, 2 * n, 4 * n)]
    broken = []
    for command in counted[0]:
        one, two, four = [c[command] for c in counted]
        growth = (four - two) / max(two - one, WAVERS)
        figures = (f"{name}: {command}: n = {n} more items cost {(two - one) / 1e6:.1f} M, and then 2n more "
                   f"{(four - two) / 1e6:.1f} M, {growth:.2f} times as much")
        print(figures, flush=True)
        if growth > MOST_GROWTH:
            broken.append(figures)
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", nargs="?", type=Path, default=BUILD / "tests/work_commands")
    parser.add_argument("valgrind", nargs="?", default=shutil.which("valgrind"))
    parser.add_argument("--long", action="store_true", help="eight times as many items")
    parser.add_argument("--only", default="", help="shapes whose names hold this")
    parser.add_argument("--results", help="as the fault drivers; nothing is kept there")
    parser.add_argument("--part", default="1/1", help="K/N: of every N shapes the Kth")
    args = parser.parse_args()
    part, parts = map(int, args.part.split("/"))
    named = [name for name, shape in SHAPES.items() if args.only in name and (shape.often or args.only or args.long)]
    chosen = named[part - 1::parts]
    broken = []
    with scratch() as work:
        warm = Shape(playlists(lambda i: f'{{"collectName":"A","songs":[{track(i)}]}}'), 50, then=("verify", "list", "extract",
                                                                                                   "catalogue"))
        (work / "warm").mkdir()
        dumps = warm.write(work / "warm", warm.items)
        counter = Counter(args.program, args.valgrind, work,
                          [words for _, words, _ in commands_of(warm, dumps, work / "warm/out", work / "warm")])
        for name in chosen:
            shape = SHAPES[name]
            if shape.write is None:
                shape.write = colliding(args.program)
            broken += grows_no_faster_than_its_input(counter, work, name, shape, 8 if args.long else 1)
        counter.close()
    expect_equal(broken, [], "commands whose work grows faster than n log n")
    if not chosen:
        sys.exit("no such shape")


if __name__ == "__main__":
    main()
