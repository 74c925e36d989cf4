#!/usr/bin/env python3
"""Seeds for the fuzz targets, made from generated dumps and from an export of them.

usage: make_seeds.py OUTRO OUTRO_GENERATE DIR      fills DIR/<target>/, which is emptied first
"""
import gzip
import io
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

LAYOUTS = [Path(__file__).parents[2] / "src/layout/layouts/xiami.toml", Path(__file__).parents[2] / "tools/layouts/mpd.toml"]

# Spellings that a dump generator does not make.
ODD_DOCUMENTS = [
    rb'{"userId":1}',
    rb' { "userId" : "1" , "a" : [ 1 , 2.50 , 1E+5 , -0 , 123456789012345678901234567890 , true , false , null ] }' + b"\r",
    rb'{"userId":"\ud83d\ude00\u0041","x":"\ud800\\\"\/\b\f\n\r\t"}',
    rb'{"userId":1,"exportedAt":1611800000000,"collects":[{"collectName":"=1+1","songCount":3,"songs":[{"song":{"songId":1}},'
    rb'{"song":{"songId":1}},{"song":null}]},{"songs":null}]}',
    rb'{"userId":1,"x":{"$t":0},"y":{"$t1":0},"playLog":[{"song":{"songId":7}},{"so\u006eg":{"songId":7}}]}',
    rb'{"userId":1,"playLog":[{"song":{"a":1},"x":{"song":{"a":1}}}, {"song" :  {"a":1}  },{"song":{}}]}',
    rb'{"userId":1,"password":"x","profile":{"accessToken":{"a":[1]}},"playLog":[{"song":{"refreshToken":1,"songId":2}}]}',
    rb'{"userId":1,"userId":2}',
    rb'{"userId":1,"profile":{"visits":3,"visits":[]},"membership":{"a":[[],{},[{}]]},"favorites":{"songs":null}}',
    rb'{"userId":1,"playLog":[{"song":{"singers":"a/b","artistVOs":[{"artistName":"x"},{"artistName":null},1],"length":1}}]}',
    b'{"userId":1,"x":' + b"[" * 511 + b"]" * 511 + b"}",
    b'{"userId":1,"x":' + b"[" * 512 + b"]" * 512 + b"}",
]
BROKEN_DOCUMENTS = [rb"[nulll]", rb"[1,,2]", rb'{"a":1]', rb"01", rb'{"userId":1}{"userId":2}', b"\xef\xbb\xbf 1", b'"a"\x0c', b"{"]
MPD_DOCUMENTS = [
    rb'{"account":"a","playlists":[{"name":"n","pid":1,"modified_at":1493424000,"tracks":[{"pos":0,"track_uri":"spotify:track:1",'
    rb'"track_name":"t","artist_name":"a","album_name":"b","duration_ms":226863},{"pos":1,"track_uri":"spotify:track:1",'
    rb'"track_name":"t","artist_name":"a","album_name":"b","duration_ms":226863}]}]}',
    rb'{"account":7,"playlists":[{"tracks":[{"pos":0},{},[],null]},{"tracks":[]}],"password":[{"password":1}]}',
]


class Seeds:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def add(self, target, content):
        path = self.folder / target
        path.mkdir(parents=True, exist_ok=True)
        self.count += 1
        (path / f"seed-{self.count:04}").write_bytes(content)


def zstd(content, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=content, stdout=subprocess.PIPE, check=True).stdout


def generate(generator, folder, *options):
    subprocess.run([generator, "--out", folder, "--tracks", "300", "--profile", "small", *options],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return b"".join(p.read_bytes() for p in sorted((folder / "dumps").iterdir()))


def frames_of(pack):
    """The frames of a pack by its seek table; the last one is the slice record."""
    (count,) = struct.unpack("<I", pack[-9:-5])
    table = pack[-9 - 12 * count:-9]
    at, frames = 0, []
    for i in range(count):
        (size,) = struct.unpack_from("<I", table, 12 * i)
        frames.append(pack[at:at + size])
        at += size
    return frames, pack[at:]


def add_packs(seeds, out):
    for path in sorted((out / "packs").iterdir())[:4]:
        pack = path.read_bytes()
        frames, table = frames_of(pack)
        seeds.add("packs", b"\0" + pack)
        seeds.add("packs", b"\1" + frames[-1])
        seeds.add("packs", b"\2" + zstd(frames[-1][8 + 14 + 8:], "-d"))  # magic and size, signature, checksum
        seeds.add("packs", b"\3" + table)
        for frame in frames[:-1][:2]:
            seeds.add("packs", b"\4" + frame)
            add_archive(seeds, frame)


def add_archive(seeds, frame):
    tar = zstd(frame, "-d")
    seeds.add("archives", b"\0" + tar)
    seeds.add("archives", b"\1" + frame)
    text = b""
    for member in tarfile.open(fileobj=io.BytesIO(tar)):
        name, content = member.name, tarfile.open(fileobj=io.BytesIO(tar)).extractfile(member.name).read()
        text += name.encode() + b"\xfe" + content + b"\xff"
        if name.endswith("library.json"):
            seeds.add("archives", b"\4\0\0" + content)
        if name.endswith("manifest.json"):
            seeds.add("archives", b"\5" + content)
    seeds.add("archives", b"\2" + text)
    seeds.add("archives", b"\3" + text)


def add_ledger(seeds, out, work):
    copy = work / "small.sqlite"
    shutil.copy(out / "ledger.sqlite", copy)
    with sqlite3.connect(copy) as books:
        books.execute("DELETE FROM documents WHERE row > 6")
        books.commit()
        books.execute("PRAGMA page_size=512")
        books.execute("VACUUM")
    books.close()
    seeds.add("ledgers", copy.read_bytes())


def main():
    outro, generator, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seeds = Seeds(folder)
    work = folder / "work"
    faults = ["--malformed", "0.1", "--bad-utf8", "0.1", "--duplicate-key", "0.1", "--missing-id", "0.1", "--repeated-pages", "0.1"]
    lines = generate(generator, work / "faulty", "--accounts", "30", *faults)
    documents = lines.split(b"\n")[:-1] + ODD_DOCUMENTS + BROKEN_DOCUMENTS

    for document in documents:
        seeds.add("acceptance", document)
        seeds.add("factoring", b"\0" + document)
    for document in MPD_DOCUMENTS:
        seeds.add("factoring", b"\1" + document)
    for document in ODD_DOCUMENTS:
        seeds.add("factoring", b"\2" + document)

    short = b"\xef\xbb\xbf{1}\r\n\n  \t\r\n{22}\n" + b"x" * 70 + b"\n" + b"y" * 300 + b"\nz" + b"\xfe" + b"{\n  1\n}\n" + b"\xfe\xfe" + b"a\nb\n\n" + b" " * 90
    for choice in [b"\x63\x3b\x1f\xff\x03\x01", b"\xff\xff\xff\x10\x60\x02", b"\x07\x05\x02\x02\xff\x03", b"\x40\xff\x80\x80\x20\x07"]:
        seeds.add("framing", choice + short)
        seeds.add("framing", choice + b"\n".join(ODD_DOCUMENTS[:4]))

    text = lines[:3000]
    skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
    for stream in [zstd(text, "--check"), zstd(text, "--no-check", "-1"), zstd(text, "-19", "--check") + skippable + zstd(b"", "--check"),
                   zstd(text[:100]) + zstd(text[:50])[:-3], skippable + zstd(b"a" * 90000), gzip.compress(text),
                   gzip.compress(text[:100]) + gzip.compress(b"") + gzip.compress(text[:30]) + b"\0" * 20, gzip.compress(text)[:-6],
                   gzip.compress(b"a" * 90000), b"plain"]:
        seeds.add("decoding", b"\x07\x01" + stream)
        seeds.add("decoding", b"\xf0\x80" + stream)

    for layout in LAYOUTS:
        seeds.add("layouts", layout.read_bytes())
        kept = [line.split("#")[0].rstrip() for line in layout.read_text().splitlines()]
        seeds.add("layouts", "\n".join(line for line in kept if line).encode())

    good = generate(generator, work / "good", "--accounts", "12", "--first-id", "5")
    (work / "in.ndjson").write_bytes(b"".join(line + b"\n" for line in good.split(b"\n")[:-1] + ODD_DOCUMENTS[:6] + [b"broken"]))
    exported = subprocess.run([outro, "export", work / "in.ndjson", "--out", work / "out", "--slice", "8K", "--quiet"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert exported.returncode == 3, exported.stderr.decode()
    add_packs(seeds, work / "out")
    add_ledger(seeds, work / "out", work)
    shutil.rmtree(work)
    print(f"{seeds.count} seeds in {folder}")


main()
