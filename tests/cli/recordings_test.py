#!/usr/bin/env python3
"""`outro recordings` against tables whose truth is known.
"""
import json
import random

from testing.commands import outro
from testing.dumps import generate
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch


def recordings(*arguments, code=0):
    done = outro("recordings", *arguments, code=code)
    return done.stdout if code == 0 else done.stderr


def table(path, header, *rows):
    path.write_text("\n".join("\t".join(row) for row in (header, *rows)) + "\n")
    return path


def planted_duplicates_are_found_and_traps_are_not_fallen_into(work):
    for seed in ("1", "2"):
        out = work / f"generated-{seed}"
        generate(out, 2, "--tracks", "60000", "--seed", seed, "--duplicate-recordings", "0.15", "--traps", "0.15")
        score = json.loads(recordings(out / "truth" / "recordings.tsv", "--labels", "recording", "--json"))
        assert score["labelledPairs"] > 5000
        assert score["joinedPairs"] > 5000 and score["wrong"] == [], score["wrong"][:5]
        assert score["recall"]["value"] >= 0.99, score["recall"]
        print(f"seed {seed}: precision {score['precision']['value']}, recall {score['recall']['value']}")


def the_order_of_columns_and_lines_changes_nothing(work):
    source = work / "generated-1" / "truth" / "recordings.tsv"
    header, *rows = [line.split("\t") for line in source.read_text().splitlines()]
    rows = rows[:3000]

    def groups(path):
        found = json.loads(recordings(path, "--json"))["groups"]
        return sorted(sorted((t["id"], t.get("rule", -1)) for t in group) for group in found)

    as_is = groups(table(work / "as-is.tsv", header, *rows))
    order = list(range(len(header)))
    random.seed(3)
    random.shuffle(order)
    random.shuffle(rows)
    assert as_is and as_is == groups(table(work / "mixed.tsv", [header[i] for i in order],
                                           *[[row[i] for i in order] for row in rows]))


def a_misspelt_column_is_named_and_no_score_is_made_of_nothing(work):
    odd = table(work / "odd.tsv", ["title", "artist", "Duration", "same"], ["One", "A", "1", "x"], ["Two", "B", "2", "y"])
    told = recordings(odd, "--labels", "same")
    assert "columns that were not used: artist, Duration\n" in told and "nothing to score" in told, told
    assert "precision" not in told, told
    expect_equal(json.loads(recordings(odd, "--json"))["unusedColumns"], ["artist", "Duration", "same"])


def a_column_that_serves_as_label_is_no_evidence(work):
    path = table(work / "labels.tsv", ["title", "artists", "duration_ms", "isrc"],
                 ["A", "Ann", "1000", "GBAYE0601498"], ["B", "Ann", "9000000", "GBAYE0601498"],
                 ["C", "Ann", "1000", "GBAYE0601498"], ["C", "Ann", "1000", "GBAYE0601499"])
    expect_in("rule 1", recordings(path))
    scored = recordings(path, "--labels", "isrc")
    assert "rule 1" not in scored
    for line in ("precision 0.000", "recall 0.000", "f1 0.000", "joined, but of different labels: 1",
                 "of one label, but not joined: 3"):
        assert line in scored, (line, scored)


def a_wrong_table_is_refused(work):
    expect_in("title", recordings(table(work / "no-title.tsv", ["id", "name"], ["1", "A"]), code=2))
    expect_in("nobody", recordings(table(work / "ok.tsv", ["title"], ["A"]), "--labels", "nobody", code=2))
    expect_in("line 2", recordings(table(work / "short.tsv", ["title", "album"], ["A"]), code=2))
    expect_in("line 2", recordings(table(work / "length.tsv", ["title", "duration_ms"], ["A", "3:20"]), code=2))
    (work / "latin1.tsv").write_bytes(b"title\nCaf\xe9\n")
    expect_in("UTF-8", recordings(work / "latin1.tsv", code=2))
    recordings(work / "absent.tsv", code=1)


def main():
    with scratch() as work:
        promise(planted_duplicates_are_found_and_traps_are_not_fallen_into, work)
        promise(the_order_of_columns_and_lines_changes_nothing, work)
        promise(a_misspelt_column_is_named_and_no_score_is_made_of_nothing, work)
        promise(a_column_that_serves_as_label_is_no_evidence, work)
        promise(a_wrong_table_is_refused, work)


main()
