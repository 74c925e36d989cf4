#!/usr/bin/env python3
"""The catalogue holds every track of the current archives, counted right, and nothing about anybody.
"""
import collections
import json
import shutil

from testing.commands import export, json_lines, outro, run, verify
from testing.compressed import unzstd
from testing.dumps import generate
from testing.outputs import check_sums
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

OPTIONS = ("--quiet", "--slice", "2M")


def lines(path):
    return json_lines(unzstd(path))


def export_with_catalogue(dumps, out):
    export(dumps, out, *OPTIONS, "--catalogue")


def song(number, title, **more):
    return {"song": {"songId": number, "songName": title, "singers": "Ann", "length": 200000, **more}}


def account(number, at, favorites=(), entries=(), listens=()):
    return json.dumps({"userId": number, "exportedAt": at, "profile": {"nickName": "SECRET"},
                       "favorites": {"songs": list(favorites)},
                       "collects": [{"collectName": "SECRET", "songs": [{"description": "SECRET", **e} for e in entries]}],
                       "playLog": [{"playedAt": 1, **e} for e in listens]}, ensure_ascii=False) + "\n"


DAY = 1611800000000


def tracks_are_counted_as_by_hand(work):
    dump, newer, out = work / "a.ndjson", work / "b.ndjson", work / "small"
    dump.write_text(account(1, DAY, [song(10, "One", playCount=5)], [song(10, "One", playCount=5), song(9, "Two")],
                            [song(10, "One", playCount=6)] * 3) +
                    account(2, DAY, [], [song("10", "One"), song("x", "One (Live)"), {"song": {"songName": "No id"}}]) +
                    account(3, DAY, [song(11, "Only in what is superseded")]))
    export_with_catalogue(dump, out)
    newer.write_text(account(3, DAY + 1000, [song(12, "One", singers="ANN")], [], [song(10, "One", albumName="Z")]))
    export_with_catalogue(newer, out)
    tracks = {t["id"]: t for t in lines(out / "catalogue" / "tracks.ndjson.zst")}
    assert list(tracks) == ["9", "10", "12", "x"], list(tracks)
    ten = tracks["10"]
    assert (ten["accounts"], ten["entries"], ten["listens"]) == (3, 2, 4), ten
    assert ten["track"]["albumName"] == "Z", "the fields are of the newest dump"
    assert ten["conflicts"] == 2, ten  # without an album, and with a number spelt as a string
    assert "playCount" not in ten["track"]
    recordings = {r["recording"]: r["tracks"] for r in lines(out / "catalogue" / "recordings.ndjson.zst")}
    assert list(recordings) == ["9", "10", "x"]
    assert recordings["10"] == [{"id": "10"}, {"id": "12", "rule": 2, "joinedTo": "10"}], recordings["10"]
    assert tracks["12"]["recording"] == "10"
    for name in ("tracks", "recordings"):
        assert b"SECRET" not in unzstd(out / "catalogue" / f"{name}.ndjson.zst")
    check_sums(out)
    verify(out)
    with open(out / "catalogue" / "tracks.ndjson.zst", "ab") as damaged:
        damaged.write(b"x")
    expect_in("tracks.ndjson.zst", verify(out, code=1).stdout)


def expect_counts_of_the_dumps(dumps, tracks):
    """What the catalogue counts is what a plain program counts in the dumps."""
    accounts, entries, listens = collections.Counter(), collections.Counter(), collections.Counter()
    for dump in sorted(dumps.iterdir()):
        for line in dump.read_text().splitlines():
            document = json.loads(line)
            mine = set()

            def seen(holder):
                number = holder["song"].get("songId") if holder.get("song") else None
                if number is not None:
                    mine.add(str(number))
                return number

            for section in ("favorites", "purchases"):
                for e in (document.get(section) or {}).get("songs") or []:
                    seen(e)
            for collect in document.get("collects") or []:
                entries.update(str(n) for n in map(seen, collect.get("songs") or []) if n is not None)
            listens.update(str(n) for n in map(seen, document.get("playLog") or []) if n is not None)
            accounts.update(mine)
    expect_equal({t["id"]: (t["accounts"], t["entries"], t["listens"]) for t in tracks},
                 {i: (accounts[i], entries[i], listens[i]) for i in accounts})


def two_halves_merge_to_the_whole(work, folder):
    """Two machines with half of the shards each join to what one makes of all."""
    dumps = sorted(folder.iterdir())
    assert len(dumps) > 2
    export_with_catalogue(folder, work / "whole")
    export_with_catalogue(dumps[:2], work / "left")
    export_with_catalogue(dumps[2:], work / "right")
    outro("catalogue", work / "left", work / "right", "--to", work / "merged")
    for name in ("tracks.ndjson.zst", "recordings.ndjson.zst"):
        assert (work / "whole" / "catalogue" / name).read_bytes() == (work / "merged" / name).read_bytes(), name
    tracks = lines(work / "merged" / "tracks.ndjson.zst")
    expect_counts_of_the_dumps(folder, tracks)
    recordings = lines(work / "merged" / "recordings.ndjson.zst")
    assert sum(len(r["tracks"]) for r in recordings) == len(tracks) > len(recordings)
    of = {t["id"]: r["recording"] for r in recordings for t in r["tracks"]}
    assert all(of[t["id"]] == t["recording"] for t in tracks)


def said(done):
    return done.stdout + done.stderr


def a_refusal_changes_nothing_and_a_lost_part_can_be_given_up(work, dumps):
    """One directory counts once; what is refused leaves `status` as it was; a lost part does not keep the archives waiting for ever."""
    left, right = work / "left", work / "right"
    expect_in("named twice", said(outro("catalogue", left, right, left / ".", "--to", work / "twice", code=2)))
    before = said(outro("status", left, "--json"))
    expect_in("leave --no-catalogue out", said(export(dumps, left, "--no-catalogue", code=2)))
    expect_equal(said(outro("status", left, "--json")), before)
    for part in (left / "catalogue" / "parts").iterdir():
        part.unlink()
    newer = work / "newer.ndjson"
    newer.write_text(account(1, DAY, [song(10, "One")]))
    expect_in("remove the folder `catalogue`", said(export(newer, left, *OPTIONS, code=1)))
    shutil.rmtree(left / "catalogue")
    export(newer, left, *OPTIONS)
    expect_in("SAFE TO ERASE SOURCE: yes", said(verify(left)))


def jq_answers_questions_of_it(catalogue):
    """Anybody's tools do: README's question, for one."""
    asked = run("jq", "-s", "[length, (map(.listens) | add), ([.[].recording] | unique | length)]", text=False,
                input=unzstd(catalogue / "tracks.ndjson.zst"))
    tracks = lines(catalogue / "tracks.ndjson.zst")
    expect_equal(json.loads(asked.stdout), [len(tracks), sum(t["listens"] for t in tracks), len({t["recording"] for t in tracks})])


def main():
    with scratch() as work:
        promise(tracks_are_counted_as_by_hand, work)
        dumps = generate(work / "input", 120, "--shard-size", "4M", "--tracks", "5000", "--duplicate-recordings", "0.2", "--traps", "0.1")
        promise(two_halves_merge_to_the_whole, work, dumps)
        promise(jq_answers_questions_of_it, work / "merged")
        promise(a_refusal_changes_nothing_and_a_lost_part_can_be_given_up, work, dumps)


main()
