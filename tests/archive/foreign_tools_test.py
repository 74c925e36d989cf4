#!/usr/bin/env python3
"""Tools that are not ours agree on every archive of an output directory.

usage: PYTHONPATH=tests foreign_tools_test.py OUT DUMP

For every pack: zstd -t, and zstd | tar lists it. For every archive: Python's tarfile, json and csv read every
member, and the five lines of FORMAT.md give back the dump, which is a line of DUMP. At the end: sha256sum -c,
and SQLite's integrity check. Needs zstd, tar and sqlite3's Python module; nothing of Outro.
"""
import csv
import io
import json
import re
import sys
import tarfile
from pathlib import Path

from testing.commands import run
from testing.compressed import unzstd
from testing.outputs import check_sums, query
from testing.promises import expect_equal


def restore(library):
    lines = library.split(b"\n")
    ref = json.loads(lines[0] + b"]}")["ref"].encode()
    dump = lines[-2][len(b'],"dump":'):-1]
    rows = [line[:-1] if line.endswith(b",") else line for line in lines[1:-2]]
    return re.sub(rb'\{"' + re.escape(ref) + rb'":(\d+)\}', lambda m: rows[int(m[1])], dump)


def archives_of(pack):
    """The archives of a pack: runs of members that share a folder."""
    tar = unzstd(pack)
    folders = {}
    with tarfile.open(fileobj=io.BytesIO(tar), ignore_zeros=True) as archive:
        for member in archive:
            assert member.isfile() and member.mode == 0o600, member.name
            folder, name = member.name.split("/", 1)
            folders.setdefault((folder, member.mtime), {})[name] = archive.extractfile(member).read()
    return folders


def check_csv(name, content):
    assert content.startswith(b"\xef\xbb\xbf"), name
    rows = list(csv.reader(io.StringIO(content[3:].decode(), newline=""), strict=True))
    assert len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows), name
    for row in rows[1:]:
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), (name, cell)
    return rows


def check_archive(members, dumps):
    names = list(members)
    assert names[:2] == ["README.txt", "library.json"] and names[-1] == "manifest.json", names
    assert len(members["README.txt"]) <= 800
    library = json.loads(members["library.json"].decode("utf-8", "surrogatepass"))
    manifest = json.loads(members["manifest.json"])
    dump = restore(members["library.json"])
    assert dump in dumps and len(dump) == manifest["dump"]["bytes"]
    assert len(library["tracks"]) == manifest["rows"] and library["format"] == "outro-library/1"
    entries = 0
    for name, content in members.items():
        if name.endswith(".csv"):
            rows = check_csv(name, content)
            if name.startswith("playlists/"):
                entries += len(rows) - 1
    sections = manifest["sections"]
    assert entries == sections.get("playlist entries", {"out": 0})["out"]
    assert all(count["in"] == count["out"] for count in sections.values())
    return dump


def main():
    out, source = Path(sys.argv[1]), sys.argv[2]
    dumps = set(run("zstd", "-dcf", source, text=False).stdout.split(b"\n"))
    restored = set()
    for pack in sorted((out / "packs").iterdir()):
        run("zstd", "-tq", pack)
        listing = run("bash", "-o", "pipefail", "-c", 'zstd -dc "$1" | tar -tif -', "list", pack, text=False)
        folders = archives_of(pack)
        assert len(listing.stdout.splitlines()) == sum(len(members) for members in folders.values())
        for members in folders.values():
            restored.add(check_archive(members, dumps))
    assert restored == dumps - {b""}, "not every dump came back"
    check_sums(out)
    expect_equal(query(out, "pragma integrity_check"), [("ok",)])
    print(f"{len(restored)} of {len(dumps - {b''})} dumps restored byte for byte")


main()
