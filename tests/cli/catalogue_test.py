#!/usr/bin/env python3
"""The catalogue holds every track of the current archives, counted right, and nothing about anybody.

usage: catalogue_test.py OUTRO OUTRO_GENERATE
"""
import collections
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]


def lines(path):
    text = subprocess.run(["zstd", "-dqc", str(path)], check=True, capture_output=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def export(out, *dumps, code=0):
    done = subprocess.run([OUTRO, "export", *map(str, dumps), "--out", str(out), "--quiet", "--slice", "2M", "--catalogue"],
                          capture_output=True, text=True)
    assert done.returncode == code, done.stderr


def song(number, title, **more):
    return {"song": {"songId": number, "songName": title, "singers": "Ann", "length": 200000, **more}}


def account(number, at, favorites=(), entries=(), listens=()):
    return json.dumps({"userId": number, "exportedAt": at, "profile": {"nickName": "SECRET"},
                       "favorites": {"songs": list(favorites)},
                       "collects": [{"collectName": "SECRET", "songs": [{"description": "SECRET", **e} for e in entries]}],
                       "playLog": [{"playedAt": 1, **e} for e in listens]}, ensure_ascii=False) + "\n"


DAY = 1611800000000


def counted_by_hand(work):
    dump, newer, out = work / "a.ndjson", work / "b.ndjson", work / "small"
    dump.write_text(account(1, DAY, [song(10, "One", playCount=5)], [song(10, "One", playCount=5), song(9, "Two")],
                            [song(10, "One", playCount=6)] * 3) +
                    account(2, DAY, [], [song("10", "One"), song("x", "One (Live)"), {"song": {"songName": "No id"}}]) +
                    account(3, DAY, [song(11, "Only in what is superseded")]))
    export(out, dump)
    newer.write_text(account(3, DAY + 1000, [song(12, "One", singers="ANN")], [], [song(10, "One", albumName="Z")]))
    export(out, newer)
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
        text = subprocess.run(["zstd", "-dqc", str(out / "catalogue" / f"{name}.ndjson.zst")], capture_output=True)
        assert b"SECRET" not in text.stdout
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    verified = subprocess.run([OUTRO, "verify", str(out), "--quiet"], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout
    with open(out / "catalogue" / "tracks.ndjson.zst", "ab") as damaged:
        damaged.write(b"x")
    verified = subprocess.run([OUTRO, "verify", str(out), "--quiet"], capture_output=True, text=True)
    assert verified.returncode == 1 and "tracks.ndjson.zst" in verified.stdout, verified.stdout


def counted_from_dumps(work, dumps, tracks):
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
    assert {t["id"]: (t["accounts"], t["entries"], t["listens"]) for t in tracks} == {
        i: (accounts[i], entries[i], listens[i]) for i in accounts}


def merged(work):
    """Two machines with half of the shards each join to what one makes of all."""
    subprocess.run([GENERATE, "--out", str(work / "input"), "--accounts", "120", "--shard-size", "4M", "--tracks", "5000",
                    "--duplicate-recordings", "0.2", "--traps", "0.1"], check=True, capture_output=True)
    dumps = sorted((work / "input" / "dumps").iterdir())
    assert len(dumps) > 2
    export(work / "whole", work / "input" / "dumps")
    export(work / "left", *dumps[:2])
    export(work / "right", *dumps[2:])
    done = subprocess.run([OUTRO, "catalogue", str(work / "left"), str(work / "right"), "--to", str(work / "merged")],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("tracks.ndjson.zst", "recordings.ndjson.zst"):
        assert (work / "whole" / "catalogue" / name).read_bytes() == (work / "merged" / name).read_bytes(), name
    tracks = lines(work / "merged" / "tracks.ndjson.zst")
    counted_from_dumps(work, work / "input" / "dumps", tracks)
    recordings = lines(work / "merged" / "recordings.ndjson.zst")
    assert sum(len(r["tracks"]) for r in recordings) == len(tracks) > len(recordings)
    of = {t["id"]: r["recording"] for r in recordings for t in r["tracks"]}
    assert all(of[t["id"]] == t["recording"] for t in tracks)


def refused_and_given_up(work):
    """One directory counts once; what is refused leaves `status` as it was; a lost part does not keep the archives waiting for ever."""
    def outro(*words, code):
        done = subprocess.run([OUTRO, *map(str, words)], capture_output=True, text=True)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    left, right = work / "left", work / "right"
    assert "named twice" in outro("catalogue", left, right, left / ".", "--to", work / "twice", code=2)
    before = outro("status", left, "--json", code=0)
    assert "leave --no-catalogue out" in outro("export", work / "input" / "dumps", "--out", left, "--no-catalogue", code=2)
    assert outro("status", left, "--json", code=0) == before
    for part in (left / "catalogue" / "parts").iterdir():
        part.unlink()
    newer = work / "newer.ndjson"
    newer.write_text(account(1, DAY, [song(10, "One")]))
    assert "remove the folder `catalogue`" in outro("export", newer, "--out", left, "--slice", "2M", "--quiet", code=1)
    shutil.rmtree(left / "catalogue")
    outro("export", newer, "--out", left, "--slice", "2M", "--quiet", code=0)
    assert "SAFE TO ERASE SOURCE: yes" in outro("verify", left, "--quiet", code=0)


def asked_with_jq(catalogue):
    """Anybody's tools answer questions of it: README's, for one."""
    text = subprocess.run(["zstd", "-dqc", str(catalogue / "tracks.ndjson.zst")], check=True, capture_output=True).stdout
    asked = subprocess.run(["jq", "-s", "[length, (map(.listens) | add), ([.[].recording] | unique | length)]"], input=text, check=True,
                           capture_output=True)
    tracks = lines(catalogue / "tracks.ndjson.zst")
    assert json.loads(asked.stdout) == [len(tracks), sum(t["listens"] for t in tracks), len({t["recording"] for t in tracks})]


def main():
    with tempfile.TemporaryDirectory() as folder:
        counted_by_hand(Path(folder))
        merged(Path(folder))
        asked_with_jq(Path(folder) / "merged")
        refused_and_given_up(Path(folder))


main()
