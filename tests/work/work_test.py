#!/usr/bin/env python3
"""Every step is linear or n log n: work is counted at n, 2n and 4n items of each hostile shape, for every command that it is
made for, and may grow by the bound below each time. Counted are instructions, so nothing depends on the machine or on time.

`tools/faults --long work` counts at eight times as many."""
import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from counted import Counter
from shapes import ALL, SHAPES, Shape, favourites
from testing.programs import BUILD
from testing.promises import expect_equal
from testing.scratch import scratch

# n log n grows by at most 2.25 from a few hundred items on, and tables whose size is a power of two add a little; n² by 4.
MOST_GROWTH = 2.5
# What a step costs before its work begins wavers by some ten thousand instructions (threads that look for work).
WAVERS = 1_000_000
PLAIN = ("--threads", "1", "--quiet", "--io", "threads")
COMMANDS = ("export", *ALL, "catalogue", "recordings")


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
    sizes = [1] + [shape.items * factor * k for k in (1, 2, 4)]
    base, *counted = [counts_of(counter, work, shape, n) for n in sizes]
    broken = []
    for command in base:
        one, two, four = [c[command] - base[command] for c in counted]
        figures = f"{name}: {command}: {one / 1e6:.1f}, {two / 1e6:.1f}, {four / 1e6:.1f} M at n = {sizes[1]}"
        grown = [b / max(a, 1) for a, b in ((one, two), (two, four)) if b - a > WAVERS]
        print(f"{figures}, 2n, 4n; grows by {', '.join(f'{g:.2f}' for g in grown) or 'nothing'}", flush=True)
        if any(g > MOST_GROWTH for g in grown):
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
    chosen = [n for i, n in enumerate(SHAPES) if args.only in n and i % parts == part - 1]
    broken = []
    with scratch() as work:
        warm = Shape(favourites(lambda i: '{"song":{"songId":1,"songName":"A"}}'), 1, ("--catalogue",), then=("verify",))
        (work / "warm").mkdir()
        dumps = warm.write(work / "warm", 1)
        counter = Counter(args.program, args.valgrind, work,
                          [words for _, words, _ in commands_of(warm, dumps, work / "warm/out", work)])
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
