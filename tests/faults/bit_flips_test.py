#!/usr/bin/env python3
"""A bit turns over in an output directory at rest, in each kind of file: `outro verify` finds every one."""
import random
from collections import defaultdict

from harness import Counts, arguments, command, generate, run, scratch, verify


def kinds_of(out):
    """Every file that a digest can be kept of, by what it is. The lock changes with every use, and decides nothing."""
    kinds = defaultdict(list)
    for path in sorted(p for p in out.rglob("*") if p.is_file() and p.name != "lock" and p.stat().st_size > 0):
        name = path.relative_to(out)
        kinds[name.parts[0] if len(name.parts) > 1 else name.name].append(path)
    return kinds


def flip(path, bit):
    with open(path, "r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def main():
    args = arguments(__doc__, flips=(int, 0, "bits to flip in each kind of file"))
    flips = args.flips or (1000 if args.long else 12)
    counts = Counts(args)
    chance = random.Random(20210205)
    with scratch() as work:
        dumps = generate(args, work / "input", 60, "--malformed", "0.05", "--seed", "3")
        out = work / "out"
        done = run(command(args, dumps, out, "--slice", "1M"))
        assert done.returncode == 3, done.stderr
        verify(args, out, dumps)
        kinds = kinds_of(out)
        assert {"packs", "dead-letters", "catalogue", "ledger.sqlite", "SHA256SUMS", "summary.json"} <= set(kinds), kinds
        for kind, files in kinds.items():
            for _ in range(flips):
                path = chance.choice(files)
                bit = chance.randrange(path.stat().st_size * 8)
                flip(path, bit)
                found = verify(args, out, expect=(1,))
                assert "FINDING" in found.stdout and "SAFE TO ERASE SOURCE: no" in found.stdout, (path, bit, found.stdout)
                flip(path, bit)
            folder = (out / kind).is_dir()
            counts.add("a flipped bit in the output directory at rest", f"{kind}/, random files and bits" if folder else kind, flips,
                       outcome="`outro verify` finds it, exit 1, not safe to erase")
        verify(args, out, dumps)
    counts.write()


main()
