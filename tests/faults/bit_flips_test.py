#!/usr/bin/env python3
"""A bit turns over in an output directory at rest, in each kind of file: `outro verify` finds every one."""
import random
from collections import defaultdict

from counts import Counts
from driver import arguments, export, verify
from testing.dumps import generate
from testing.promises import expect_in, promise
from testing.scratch import scratch


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


def every_flipped_bit_is_found(out, kind, files, flips, chance):
    for _ in range(flips):
        path = chance.choice(files)
        bit = chance.randrange(path.stat().st_size * 8)
        flip(path, bit)
        said = verify(out, code=1).stdout
        expect_in("FINDING", said, (kind, path, bit))
        expect_in("SAFE TO ERASE SOURCE: no", said, (kind, path, bit))
        flip(path, bit)


def main():
    args = arguments(__doc__, flips=(int, 0, "bits to flip in each kind of file"))
    flips = args.flips or (1000 if args.long else 12)
    counts = Counts(args.results)
    chance = random.Random(20210205)
    with scratch() as work:
        dumps = generate(work / "input", 60, "--malformed", "0.05", "--seed", "3")
        out = work / "out"
        export(dumps, out, "--slice", "1M")
        verify(out, dumps)
        kinds = kinds_of(out)
        assert {"packs", "dead-letters", "catalogue", "ledger.sqlite", "SHA256SUMS", "summary.json"} <= set(kinds), kinds
        for kind, files in kinds.items():
            promise(every_flipped_bit_is_found, out, kind, files, flips, chance)
            what = f"{kind}/, random files and bits" if (out / kind).is_dir() else kind
            counts.add("a flipped bit in the output directory at rest", what, flips,
                       outcome="`outro verify` finds it, exit 1, not safe to erase")
        verify(out, dumps)
    counts.write()


main()
