#!/usr/bin/env python3
"""`outro recordings` against tables whose truth is known.

usage: recordings_test.py OUTRO OUTRO_GENERATE
"""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]


def run(*arguments, code=0):
    done = subprocess.run([OUTRO, "recordings", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, (done.returncode, done.stderr)
    return done.stdout if code == 0 else done.stderr


def table(path, header, *rows):
    path.write_text("\n".join("\t".join(row) for row in (header, *rows)) + "\n")
    return path


def planted(work):
    """Planted duplicates are found, planted traps are not fallen into."""
    for seed in ("1", "2"):
        out = work / f"generated-{seed}"
        subprocess.run([GENERATE, "--out", str(out), "--accounts", "2", "--tracks", "60000", "--seed", seed,
                        "--duplicate-recordings", "0.15", "--traps", "0.15"], check=True, capture_output=True)
        score = json.loads(run(out / "truth" / "recordings.tsv", "--labels", "recording", "--json"))
        assert score["labelledPairs"] > 5000
        assert score["joinedPairs"] > 5000 and score["wrong"] == [], score["wrong"][:5]
        assert score["recall"]["value"] >= 0.99, score["recall"]
        print(f"seed {seed}: precision {score['precision']['value']}, recall {score['recall']['value']}")


def any_order(work):
    """Neither the order of columns nor that of lines changes anything."""
    source = work / "generated-1" / "truth" / "recordings.tsv"
    header, *rows = [line.split("\t") for line in source.read_text().splitlines()]
    rows = rows[:3000]

    def groups(path):
        found = json.loads(run(path, "--json"))["groups"]
        return sorted(sorted((t["id"], t.get("rule", -1)) for t in group) for group in found)

    as_is = groups(table(work / "as-is.tsv", header, *rows))
    order = list(range(len(header)))
    random.seed(3)
    random.shuffle(order)
    random.shuffle(rows)
    assert as_is and as_is == groups(table(work / "mixed.tsv", [header[i] for i in order],
                                           *[[row[i] for i in order] for row in rows]))


def says_what_it_did_not_use(work):
    """A misspelt column is named, and no score is made of nothing."""
    odd = table(work / "odd.tsv", ["title", "artist", "Duration", "same"], ["One", "A", "1", "x"], ["Two", "B", "2", "y"])
    told = run(odd, "--labels", "same")
    assert "columns that were not used: artist, Duration\n" in told and "nothing to score" in told, told
    assert "precision" not in told, told
    assert json.loads(run(odd, "--json"))["unusedColumns"] == ["artist", "Duration", "same"]


def labels_are_not_seen(work):
    """A column that serves as label is no evidence."""
    path = table(work / "labels.tsv", ["title", "artists", "duration_ms", "isrc"],
                 ["A", "Ann", "1000", "GBAYE0601498"], ["B", "Ann", "9000000", "GBAYE0601498"],
                 ["C", "Ann", "1000", "GBAYE0601498"], ["C", "Ann", "1000", "GBAYE0601499"])
    assert "rule 1" in run(path)
    scored = run(path, "--labels", "isrc")
    assert "rule 1" not in scored
    for line in ("precision 0.000", "recall 0.000", "f1 0.000", "joined, but of different labels: 1",
                 "of one label, but not joined: 3"):
        assert line in scored, (line, scored)


def refused(work):
    assert "title" in run(table(work / "no-title.tsv", ["id", "name"], ["1", "A"]), code=2)
    assert "nobody" in run(table(work / "ok.tsv", ["title"], ["A"]), "--labels", "nobody", code=2)
    assert "line 2" in run(table(work / "short.tsv", ["title", "album"], ["A"]), code=2)
    assert "line 2" in run(table(work / "length.tsv", ["title", "duration_ms"], ["A", "3:20"]), code=2)
    (work / "latin1.tsv").write_bytes(b"title\nCaf\xe9\n")
    assert "UTF-8" in run(work / "latin1.tsv", code=2)
    run(work / "absent.tsv", code=1)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        planted(work)
        any_order(work)
        says_what_it_did_not_use(work)
        labels_are_not_seen(work)
        refused(work)


main()
