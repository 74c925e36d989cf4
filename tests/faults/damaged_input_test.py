#!/usr/bin/env python3
"""Damaged compressed shards: what came before the damage is exported and proven, the damaged frame's documents are unproven,
the damage is recorded with its place, other shards are unaffected; and the repaired shard puts it right."""
import gzip
import random
import shutil

from counts import Counts
from driver import arguments, engines, export, verify
from testing.compressed import zstd
from testing.dumps import generate
from testing.outputs import query
from testing.promises import expect_equal
from testing.scratch import scratch

OPTIONS = ("--slice", "1M", "--threads", "2")
PIECE = 700_000  # decoded bytes of a frame or member; not at line ends


def compress(kind, text):
    """The file, and of each frame or member: where it begins in the file, and its decoded range."""
    file, frames = b"", []
    for at in range(0, len(text), PIECE):
        piece = text[at:at + PIECE]
        frame = gzip.compress(piece, mtime=0) if kind == "gz" else zstd(piece, "--check")
        frames.append((len(file), at))
        file += frame
    return file, frames


def documents(out, name, run_number=1):
    """Of one shard: (offset, length, digest, outcome, proven), in order."""
    return query(out, "select offset, length, hex(d.digest), outcome, proven from documents d join shards s using (run, unit, shard) "
                      "where run = ? and s.path like '%' || ? order by offset", run_number, name)


def current(out):
    """By account: the digest and the proof of its current archive."""
    found = {}
    for account, digest, proven in query(out, "select account, hex(digest), proven from documents where outcome = 0 order by proven, "
                                              "coalesce(exported_at, -1), run, unit, slice, idx"):
        found[account] = (digest, proven)
    return found


def damage_is_recorded_and_repaired(work, name, whole, good, frames, bad, where, counts, fault, options):
    folder, out = work / "dumps", work / "out"
    shard = folder / name
    frame_begin, decoded_begin = max(f for f in frames if f[0] <= where)
    shard.write_bytes(bad)
    done = export(folder, out, *options, code=(0, 3))
    for other in folder.iterdir():
        if other != shard:
            assert documents(out, other.name) == documents(whole, other.name), f"{other} is affected"
    expected = documents(whole, name)
    found = documents(out, name)
    (damage, proven_end), = query(out, "select damage, proven_end from shards where path like '%' || ?", name)
    if not damage:
        # A flipped bit of no meaning, such as a gzip member's time: every checksum holds.
        assert found == expected, (fault, where)
    else:
        assert done.returncode == 3 and f"{shard}: {damage}" in done.stdout, done
        assert f"begins at byte {frame_begin}" in damage and proven_end == decoded_begin, (damage, frame_begin, decoded_begin, proven_end)
        before = [d for d in expected if d[0] + d[1] < proven_end]
        assert found[:len(before)] == before, "what came before the damage is not what it was"
        assert all(d[4] == 0 for d in found[len(before):]), (proven_end, damage, found[len(before):][:3])
        assert verify(out, code=3).stdout.rstrip().splitlines()[-1].startswith("SAFE TO ERASE SOURCE: no")
    shard.write_bytes(good)
    export(folder, out, *options, code=0)
    expect_equal(current(out), current(whole), "a proven copy did not win")
    if damage:
        missing = len(expected) - len(before)
        written = [d for d in documents(out, name, 2) if d[3] == 0]
        # Only what was missing or unproven is written again.
        assert len(written) == missing, (len(written), missing)
    if damage:
        # Bytes show the repair, or the operator vouches for the shard by its number.
        (unit, number, shown), = query(
            out, "select unit, shard, exists (select 1 from repairs r where r.of_run = s.run and r.of_unit = s.unit and r.of_shard = s.shard) "
                 "from shards s where run = 1 and path like '%' || ?", name)
        accepted = []
        if not shown:
            assert verify(out, folder, code=3).stdout.rstrip().splitlines()[-1].startswith("SAFE TO ERASE SOURCE: no")
            accepted = ["--accept-damaged-shard", f"1/{unit}/{number + 1}"]
        verify(out, folder, options=accepted)
    else:
        verify(out, folder)
    lost = len(set(current(whole)) - set(current(out)))
    counts.add(fault, f".{name.rsplit('.', 1)[1]}", 1, lost,
               outcome="exit 3, place recorded; the repaired shard puts it right")
    shutil.rmtree(out)


def main():
    args = arguments(__doc__, places=(int, 3, "places to damage, of each kind, in the short form"))
    counts = Counts(args.results)
    chance = random.Random(3)
    places = 30 if args.long else args.places
    with scratch() as work:
        dumps = generate(work / "input", 60, "--shard-size", "3M", "--seed", "14")
        shards = sorted(dumps.iterdir())
        folder = work / "dumps"
        folder.mkdir()
        kinds = engines(dumps, work)
        good = {}
        for i, shard in enumerate(shards):
            kind = ("zst", "gz", "")[i % 3]
            name = shard.name + ("." + kind if kind else "")
            file, frames = compress(kind, shard.read_bytes()) if kind else (shard.read_bytes(), [])
            (folder / name).write_bytes(file)
            good[name] = (file, frames)
        whole = work / "whole"
        export(folder, whole, *OPTIONS, code=0)
        for name in [n for n in good if good[n][1]][:2]:
            file, frames = good[name]
            assert len(frames) > 2
            for i in range(places):
                options = (*OPTIONS, "--io", kinds[i % len(kinds)])
                # Not the first frame's magic number: that is refused before any work (see odd_input_test).
                where = chance.randrange(frames[0][0] + 8, len(file))
                while where in (f[0] for f in frames):
                    where += 1  # cut there, it is a whole file, only shorter
                damage_is_recorded_and_repaired(work, name, whole, file, frames, file[:where], where, counts, "a shard is cut off", options)
                where = chance.randrange(8, len(file))
                bad = bytearray(file)
                bad[where] ^= 1 << chance.randrange(8)
                damage_is_recorded_and_repaired(work, name, whole, file, frames, bytes(bad), where, counts, "a flipped bit in a shard", options)
                end = min(len(file), where + 4096)
                damage_is_recorded_and_repaired(work, name, whole, file, frames, file[:where] + bytes(end - where) + file[end:], where, counts,
                            "4 KB of zeros in a shard", options)
    counts.write()


main()
