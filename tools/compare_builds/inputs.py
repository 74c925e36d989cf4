"""The input of both builds: made once, from a seed."""
import gzip
import os
import random
import subprocess

SEED = 20210205
UNIT = 16 << 20  # a shard of this size is a unit of its own
FAULTS = """--malformed 0.02 --bad-utf8 0.02 --missing-id 0.02 --duplicate-id 0.04 --duplicate-key 0.02 --deep 0.01 --oversized 0.01
            --tracks 20000 --oversized-size 1M --repeated-pages 0.05 --duplicate-recordings 0.1 --traps 0.05""".split()


def generate(program, out, accounts, *more):
    subprocess.run([program, "--out", out, "--accounts", str(accounts), "--seed", str(SEED), *more], check=True, capture_output=True)
    return sorted((out / "dumps").iterdir())


def zst(data, *more):
    return subprocess.run(["zstd", "-qc", *more], input=data, capture_output=True, check=True).stdout


def gz(data):
    return gzip.compress(data, 6, mtime=0)


def mixed(into, shards):
    """Two large units, one with blank lines and a byte-order mark, then compressed shards, and a hidden file."""
    into.mkdir()
    data = [shard.read_bytes() for shard in shards]
    (into / "0.ndjson").write_bytes(b"\xef\xbb\xbf" + data[0] + b"\n" * max(0, UNIT - len(data[0])))
    (into / "1.ndjson").write_bytes(data[1] + b"\r\n" * max(0, UNIT - len(data[1])))
    for i, rest in enumerate(data[2:], 2):
        half = rest.index(b"\n", len(rest) // 2) + 1
        (into / f"{i}a.ndjson.zst").write_bytes(zst(rest[:half]))
        (into / f"{i}b.ndjson.gz").write_bytes(gz(rest[half:]))
    (into / ".hidden").write_bytes(b"nothing\n")


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:]


def damaged(into, whole, small):
    """Shards that end too early, or are wrong in the middle, and the whole ones under the same names."""
    into.mkdir()
    whole.mkdir()
    lines = small.splitlines(keepends=True)
    pieces = [b"".join(lines[i::6]) for i in range(6)]
    one, two, frames = zst(pieces[0], "--check"), zst(pieces[1], "--check"), [zst(pieces[2], "--check"), zst(pieces[3], "--check")]
    both, member = b"".join(frames), gz(pieces[4])
    for name, right, wrong in (("a.ndjson.zst", one, one[:len(one) * 2 // 3]), ("b.ndjson.zst", two, flipped(two, len(two) // 2)),
                               ("c.ndjson.zst", both, flipped(both, len(frames[0]) - 2)),
                               ("d.ndjson.gz", member, member[:len(member) // 2]),
                               ("e.ndjson.gz", gz(pieces[5]), flipped(gz(pieces[5]), -6)), ("f.ndjson", pieces[0], pieces[0]),
                               ("g.ndjson.zst", one, one + b"no zstd at all")):
        (whole / name).write_bytes(right)
        (into / name).write_bytes(wrong)
    for folder in (whole, into):  # a name in GBK
        with open(os.fsencode(folder) + b"/\xd6\xd0.ndjson", "wb") as shard:
            shard.write(pieces[1] if folder == whole else b"{broken\n" + pieces[1])


TABLE = """track_id\ttitle\tartists\talbum\tduration_ms\tisrc\tstatus\tlabel\tmood
1\tHello\tAdele\t25\t295000\tGBBKS1500214\t0\tx\tsad
2\tHello (Live)\tAdele\tLive\t301000\t\t0\ty\tsad
3\tＨｅｌｌｏ\tADELE\t25 (Deluxe)\t296000\tGBBKS1500214\t0\tx\t
4\t後來\t劉若英\t我等你\t341000\t\t2\tz\t
5\t后来\t刘若英\t我等你\t341500\t\t0\tz\t
\tIntro\t\t\t\t\t\t\t
"""
MPD = """{"account":"a b","playlists":[{"name":"one","pid":7,"modified_at":1509321600,"tracks":[{"pos":0,"track_uri":"spotify:track:1",\
"track_name":"Hello","artist_name":"Adele","album_name":"25","duration_ms":295000},\
{"pos":1,"track_uri":"spotify:track:1","track_name":"Hello","artist_name":"Adele","album_name":"25","duration_ms":295000}]}]}
{"account":"=1+1","playlists":[]}
"""


def write_all(folder, program, quick):
    folder.mkdir()
    accounts = 120 if quick else 320
    first = generate(program, folder / "first", accounts, "--shard-size", "12M" if not quick else "5M", *FAULTS)
    mixed(folder / "mixed", first)
    generate(program, folder / "next", accounts, "--shard-size", "12M", "--generation", "1", "--delta", "0.3", "--format", "zst", *FAULTS)
    small = generate(program, folder / "small", 600, "--profile", "small", "--tracks", "5000", "--duplicate-recordings", "0.2",
                     "--traps", "0.1")
    text = small[0].read_bytes()
    (folder / "small.ndjson").write_bytes(text)
    (folder / "small.ndjson.zst").write_bytes(zst(text))
    (folder / "small.ndjson.gz").write_bytes(gz(text))
    damaged(folder / "damaged", folder / "whole", text)
    ids = [1000 + i for i in range(600)]
    (folder / "roster.txt").write_text("".join(f"{i}\n" for i in random.Random(SEED).sample(ids, 600)))
    (folder / "long-roster.txt").write_text("".join(f"{i}\n" for i in [*ids, 7, 8, "somebody"]))
    (folder / "table.tsv").write_text(TABLE)
    (folder / "mpd.ndjson").write_text(MPD)
    (folder / "pretty.json").write_text('{\n  "userId": 1,\n  "exportedAt": 1611800000000\n}\n')
    (folder / "bad.toml").write_text('format = "outro-layout/1"\nservice = 3\n')
    (folder / "set.toml").write_text('threads = 1\nlevel = 1\nslice = "256K"\ncatalogue = false\n')
    (folder / "unknown.toml").write_text("no-such-option = 1\n")
