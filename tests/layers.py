#!/usr/bin/env python3
"""The rooms of src/ include only to the left, and jobs don't see each other.

Parts stand in the order of the data's way; jobs put parts to work; cli is last. A public header belongs to the
room that implements it; SQL is in the ledger alone. Prints the rooms with their sizes and arrows; exits 1 where
an arrow leads the wrong way, two rooms include each other, a file is in no room, a source is in no list of its
CMakeLists.txt, or a file outside src/ledger/ holds SQL.

usage: layers.py SOURCE_DIR [--arrows]     (--arrows: also which file makes each arrow)
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

PARTS = ["base", "source", "frame", "layout", "account", "tracks", "archive", "pack", "catalogue", "ledger",
         "report", "output", "watch"]
JOBS = ["jobs/export", "jobs/verify", "jobs/rebuild", "jobs/forecast"]
ROOMS = [*PARTS, *JOBS, "cli"]
PUBLIC = {"outro/status.h": "base", "outro/pack_reader.h": "pack", "outro/output.h": "output"}

# Statements as they begin, and what only a file that runs statements needs.
SQL = re.compile(r"""\b(SELECT\s+[\w(*]|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s+\w
                     |(CREATE|DROP|ALTER)\s+(TEMP\s+|UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER)|BEGIN\s+IMMEDIATE)
                     |\bsqlite3|ledger/(sqlite|transaction|columns|schema)\.h|\.prepare\(|connection\(\)\.""",
                 re.VERBOSE)


def room_of(name):
    """The room of a path below src/ or include/: "jobs/verify/pack.h" -> "jobs/verify". None: of no room."""
    if name.startswith("outro/"):
        return PUBLIC.get(name)
    folder = name.rpartition("/")[0]
    return folder if folder in ROOMS else None


def may_include(room, other):
    if room in JOBS and other in JOBS:
        return room == other
    return ROOMS.index(other) <= ROOMS.index(room)


def includes_of(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#include "([^"]+)"', line)
        if match and "/" in match[1]:
            yield number, match[1]


def sql_in(path):
    """Lines that hold SQL. Only upper case counts, so that prose does not."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if SQL.search(line.partition("//")[0]):
            yield number


def read(root):
    """(sizes by room, files by arrow, what is wrong)."""
    sizes, arrows, wrong = defaultdict(lambda: [0, 0]), defaultdict(list), []
    for base in ("src", "include"):
        for path in sorted(p for p in (root / base).rglob("*") if p.suffix in (".h", ".cpp")):
            name = path.relative_to(root / base).as_posix()
            room = room_of(name)
            if room is None:
                wrong.append(f"{base}/{name}: of no room")
                continue
            sizes[room][0] += 1
            sizes[room][1] += len(path.read_text().splitlines())
            if path.suffix == ".h" and "#pragma once" not in path.read_text():
                wrong.append(f"{base}/{name}: no #pragma once")
            if room != "ledger":
                wrong += [f"{base}/{name}:{number}: SQL outside src/ledger/" for number in sql_in(path)]
            for number, include in includes_of(path):
                other = room_of(include)
                if other is None:
                    wrong.append(f"{base}/{name}:{number}: includes {include}, which is of no room")
                elif other != room:
                    arrows[room, other].append(f"{base}/{name}:{number}")
                    if not may_include(room, other):
                        wrong.append(f"{base}/{name}:{number}: {room} includes {include}, which it must not see")
    return sizes, arrows, wrong


def unlisted(root):
    """Sources that no CMakeLists.txt of their room names."""
    for room in ROOMS:
        lists = root / "src" / room / "CMakeLists.txt"
        listed = set(re.findall(r"[\w/]+\.cpp", lists.read_text())) if lists.exists() else set()
        for path in sorted((root / "src" / room).glob("*.cpp")):
            if path.name not in listed:
                yield f"src/{room}/{path.name}: not in the list of src/{room}/CMakeLists.txt"


def main():
    root = Path(sys.argv[1])
    sizes, arrows, wrong = read(root)
    wrong += [f"src/{room}: a room without files" for room in ROOMS if room not in sizes]
    wrong += [f"{a} and {b} include each other" for a, b in arrows if a < b and (b, a) in arrows]
    wrong += unlisted(root)
    for room in ROOMS:
        files, lines = sizes[room]
        seen = [b for b in ROOMS if (room, b) in arrows]
        print(f"{room:14} {files:4} files {lines:6} lines   -> {' '.join(seen)}")
        if "--arrows" in sys.argv:
            for other in seen:
                print(f"    {other}: {' '.join(arrows[room, other])}")
    backward = sum("must not see" in w for w in wrong)
    print(f"{len(ROOMS)} rooms, {len(arrows)} arrows, {backward} includes the wrong way")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
