#!/usr/bin/env python3
"""The catalogue holds every track of the current archives, counted right; what is published of it, only what several accounts
say alike.
"""
import collections
import json
import shutil
import time

from testing.commands import export, json_lines, outro, run, verify
from testing.compressed import unzstd
from testing.dumps import generate
from testing.outputs import check_sums
from testing.programs import ROOT
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
    assert ten["track"]["albumName"] == "Z", "the only album that anybody says"
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


def published(to, *outs, least=2):
    """What `--publish` makes of directories: its lines by id, and what it says."""
    done = outro("catalogue", *outs, "--publish", "--min-accounts", least, "--to", to, "--json")
    return {t["id"]: t for t in lines(to / "tracks.ndjson.zst")}, json.loads(done.stdout)


def one_account_decides_nothing_for_all(work):
    """A dump with the latest date and titles of its own changes neither the private catalogue's nor the public one's."""
    dump, out = work / "many.ndjson", work / "many"
    late = int(time.time() * 1000) + 23 * 3600 * 1000
    dump.write_text("".join(account(i, DAY, [song(5, "晴天")], [], [song(6, "Still here", songStatus=0)]) for i in range(1, 51)) +
                    account("mallory", late, [song(5, "BUY AT evil.example")], [], [song(6, "Still here", songStatus=2)]))
    export_with_catalogue(dump, out)
    private = {t["id"]: t for t in lines(out / "catalogue" / "tracks.ndjson.zst")}
    expect_equal(private["5"]["track"]["songName"], "晴天")
    assert "evil" in json.dumps(private["5"]["others"]), "the private one is complete"
    expect_equal(private["6"]["track"]["songStatus"], 2, "of the newest dump")
    tracks, said = published(work / "many-public", out)
    expect_equal((tracks["5"]["title"], tracks["5"]["track"]["songName"], tracks["5"]["accounts"]), ("晴天", "晴天", 51))
    expect_equal((tracks["6"]["available"], tracks["6"]["track"]["songStatus"]), (True, 0))
    assert b"evil" not in unzstd(work / "many-public" / "tracks.ndjson.zst")
    expect_equal(said, {"tracks": 2, "recordings": 2, "left_out": {"few_accounts": 0, "no_common_title": 0}})


def nothing_typed_by_one_account_is_published(work):
    """Private uploads, values of one account under a common id, and objects under allowed keys stay out."""
    def with_leaks(number, **more):
        return account(number, DAY, [song(1, "Common", artistVOs=[{"artistName": "x", "email": "LEAK"}],
                                          price={"paidBy": "LEAK"}, pinyin=["LEAK"], **more)])
    dump, out = work / "typed.ndjson", work / "typed"
    dump.write_text(account("alice@example.com", DAY, [song(987654321, "LEAK voice memo", singers="LEAK")]) +
                    with_leaks(1, albumLogo="http://pic/u/1/LEAK.jpg") + with_leaks(2, albumLogo="http://pic/u/2/LEAK.jpg"))
    export_with_catalogue(dump, out)
    assert b"LEAK" in unzstd(out / "catalogue" / "tracks.ndjson.zst"), "the private one is complete"
    tracks, said = published(work / "typed-public", out)
    expect_equal(list(tracks), ["1"])
    expect_equal(tracks["1"]["track"], {"songId": 1, "songName": "Common", "singers": "Ann", "length": 200000})
    expect_equal(said["left_out"]["few_accounts"], 1)
    for path in (work / "typed-public").iterdir():
        text = unzstd(path) if path.suffix == ".zst" else path.read_bytes()
        assert b"LEAK" not in text, path
    expect_in("PRIVATE.", (out / "catalogue" / "README.txt").read_text())
    expect_in("at least 2 accounts", (work / "typed-public" / "README.txt").read_text())
    check_sums(out)


def an_account_of_two_directories_counts_once(work):
    """It is known by its id; the newest of its dumps counts, in whatever order the directories are named."""
    for name, at, title in (("first", DAY, "Old"), ("second", DAY + 1000, "New")):
        (work / f"{name}.ndjson").write_text(account(1, at, [song(5, title)], [song(5, title)]) +
                                             account(f"only in {name}", DAY, [song(6, "Six")]))
        export_with_catalogue(work / f"{name}.ndjson", work / name)
    made = []
    for order in (("first", "second"), ("second", "first")):
        to = work / "-".join(order)
        outro("catalogue", *(work / o for o in order), "--to", to)
        made.append(unzstd(to / "tracks.ndjson.zst"))
        tracks = {t["id"]: t for t in lines(to / "tracks.ndjson.zst")}
        expect_equal((tracks["5"]["accounts"], tracks["5"]["entries"], tracks["5"]["track"]["songName"]), (1, 1, "New"))
        expect_equal(tracks["6"]["accounts"], 2)
        tracks, said = published(work / f"{to.name}-public", *(work / o for o in order))
        expect_equal((list(tracks), said["left_out"]["few_accounts"]), (["6"], 1))
        # In so little memory, accounts are compared one by one.
        outro("catalogue", *(work / o for o in order), "--to", work / "little", "--memory", "100")
        expect_equal(unzstd(work / "little" / "tracks.ndjson.zst"), made[-1])
    expect_equal(made[0], made[1])
    shutil.copytree(work / "first", work / "copy")
    tracks, _ = published(work / "copy-public", work / "first", work / "copy")
    expect_equal(tracks, {}, "a copy adds no accounts")


def a_recording_stands_under_its_lowest_id(work):
    """By its bytes where ids are no numbers, however much of them is the same."""
    dump, out = work / "texts.ndjson", work / "texts"
    ids = [f"track:same beginning:{letter}" for letter in "fbdace"]
    dump.write_text(account(1, DAY, [song(i, "One") for i in ids]))
    export_with_catalogue(dump, out)
    recording, = lines(out / "catalogue" / "recordings.ndjson.zst")
    expect_equal((recording["recording"], sorted(t["id"] for t in recording["tracks"])), (min(ids), sorted(ids)))


def one_account_has_one_voice_for_an_id(work):
    """However many objects it has under it, in however many shards, runs and directories its dumps lie, however its id and the
    track's are spelt, and whether or not the service's ids are trusted."""
    built_in = (ROOT / "src/layout/layouts/xiami.toml").read_text()
    for trusted in ("true", "false"):
        layout, to = work / f"voices-{trusted}.toml", work / f"voices-{trusted}"
        layout.write_text(built_in.replace("[track]\n", f"[track]\ntrusted_id = {trusted}\n", 1))

        def mallory(number, at):
            return account(number, at, [song(5, "Evil"), song("5", "Evil"), song(5, "Evil", length=1)],
                           [song(5, "Evil", albumName="A"), song(5, "Evil", albumName="B")], [song(5, "Evil", singers="C")])

        def exported(out, name, *documents):
            (work / name).mkdir()
            for i, document in enumerate(documents):
                (work / name / f"{i}.ndjson").write_text(document)
            export(work / name, work / out, *OPTIONS, "--catalogue", "--layout", layout)

        first, second = f"first-{trusted}", f"second-{trusted}"
        exported(first, f"{first}-1", account(1, DAY, [song(5, "Honest")]) + account(2, DAY, [song(5, "Honest")]),
                 mallory(1000, DAY), mallory("1000", DAY + 1000))
        exported(first, f"{first}-2", mallory(1000, DAY + 2000), mallory(1000, DAY + 3000))
        exported(second, f"{second}-1", mallory("1000", DAY + 4000))
        outro("catalogue", work / first, work / second, "--to", to)
        for catalogue in (work / first / "catalogue", to):
            five, = lines(catalogue / "tracks.ndjson.zst")
            expect_equal((five["accounts"], five["track"]["songName"]), (3, "Honest"), f"{catalogue}, trusted_id = {trusted}")
        tracks, _ = published(work / f"{to.name}-public", work / first, work / second)
        expect_equal((tracks["5"]["accounts"], tracks["5"]["title"]), (3, "Honest"))


def directories_of_two_services_do_not_merge(work):
    """The same id is another track there."""
    layout = work / "other.toml"
    layout.write_text('format = "outro-layout/1"\nservice = "other"\n[account]\nid = "userId"\nexported_at = "exportedAt"\n'
                      '[track]\npaths = ["playLog[].song"]\nid = "songId"\ntitle = "songName"\ncatalogue = ["songId", "songName"]\n')
    dump = work / "other.ndjson"
    dump.write_text(account(1, DAY, [], [], [song(5, "Five")]))
    export_with_catalogue(dump, work / "xiami")
    export(dump, work / "other", *OPTIONS, "--catalogue", "--layout", layout)
    for more in ((), ("--publish",)):
        done = outro("catalogue", work / "xiami", work / "other", "--to", work / "mixed", *more, code=2)
        expect_in("each service by themselves", said(done))


def a_public_catalogue_never_lies_beside_private_files(work):
    """Its folder can become a private one's and the other way; README.txt tells which it is."""
    to = work / "either"
    outro("catalogue", work / "many", "--publish", "--to", to)
    assert (to / "README.txt").read_text().startswith("May be shared.")
    outro("catalogue", work / "many", "--to", to)
    assert (to / "README.txt").read_text().startswith("PRIVATE.")
    expect_equal(sorted(p.name for p in to.iterdir()), ["README.txt", "recordings.ndjson.zst", "tracks.ndjson.zst"])
    expect_in("choose an empty directory", said(outro("catalogue", work / "many", "--publish", "--to", work / "many" / "catalogue", code=2)))


def jq_answers_questions_of_it(catalogue):
    """Anybody's tools do: README's question, for one."""
    asked = run("jq", "-s", "[length, (map(.listens) | add), ([.[].recording] | unique | length)]", text=False,
                input=unzstd(catalogue / "tracks.ndjson.zst"))
    tracks = lines(catalogue / "tracks.ndjson.zst")
    expect_equal(json.loads(asked.stdout), [len(tracks), sum(t["listens"] for t in tracks), len({t["recording"] for t in tracks})])


def main():
    with scratch() as work:
        promise(tracks_are_counted_as_by_hand, work)
        promise(one_account_decides_nothing_for_all, work)
        promise(nothing_typed_by_one_account_is_published, work)
        promise(an_account_of_two_directories_counts_once, work)
        promise(a_recording_stands_under_its_lowest_id, work)
        promise(one_account_has_one_voice_for_an_id, work)
        promise(directories_of_two_services_do_not_merge, work)
        promise(a_public_catalogue_never_lies_beside_private_files, work)
        dumps = generate(work / "input", 120, "--shard-size", "4M", "--tracks", "5000", "--duplicate-recordings", "0.2", "--traps", "0.1")
        promise(two_halves_merge_to_the_whole, work, dumps)
        promise(jq_answers_questions_of_it, work / "merged")
        promise(a_refusal_changes_nothing_and_a_lost_part_can_be_given_up, work, dumps)


main()
