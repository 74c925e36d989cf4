#!/usr/bin/env python3
"""`outro tune` on dumps of every kind, and its config file in `outro export --config`.
"""
import gzip
import json
import os
import signal
import subprocess

from testing.commands import export, json_lines, outro
from testing.dumps import generate
from testing.jobs import running
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch


def tune(work, dumps, *arguments):
    """The JSON of a short tuning with few settings; nothing may be left where it worked."""
    place = work / "scratch"
    place.mkdir(exist_ok=True)
    done = outro("tune", dumps, "--work", place, "--time", 0, "--sample", "2M", "--threads", 1, "--level", 3,
                 "--json", *arguments)
    expect_equal(list(place.iterdir()), [], "the sample was left behind")
    return json.loads(done.stdout)


def every_kind_of_dump_is_measured(work, dumps):
    for kind, folder in dumps.items():
        found = tune(work, folder, "--io", "threads", "--shards-in-flight", "1,2")
        assert found["format"] == "outro-tune/1" and found["documents"] > 5, found
        assert 1_000_000 < found["jsonBytes"] < 8_000_000, found
        settings = found["settings"]
        assert [s["default"] for s in settings] == [True] + [False] * (len(settings) - 1)
        for s in settings:
            assert s["runs"] >= 1 and s["wallSeconds"] > 0 and s["cpuSeconds"] > 0, s
            assert s["peakMemory"] > 1 << 20 and s["outputBytes"] > 1000, s
        # The same sample, and the level alone decides output bytes.
        assert len({s["outputBytes"] for s in settings}) == 1, kind
        assert found["decision"]["verdict"] in ("better", "default", "noise", "busy")


def shards_in_flight_can_be_told_apart(work, dumps):
    """The sample has several shards, whatever the dumps have: shards in flight can be told apart."""
    for kind in ("two zst", "two gz", "zst", "gz"):
        found = tune(work, dumps[kind], "--shards-in-flight", "1,3")
        assert found["shards"] >= 3, kind
        assert {1, 3} <= {s["shardsInFlight"] for s in found["settings"]}, found
    # Plain shards cannot be made units of their own by padding.
    one = tune(work, dumps["plain"], "--shards-in-flight", "1,2")
    assert one["shards"] == 1
    assert {s["shardsInFlight"] for s in one["settings"]} == {1}, "what cannot differ was measured twice"


def one_setting_is_measured_as_it_is(work, dumps):
    """Measured as it is, with nothing made up about others."""
    usual = json.loads(outro("tune", dumps["zst"], "--work", work, "--time", 0, "--sample", "1M", "--quiet", "--json").stdout)["settings"][0]
    assert usual["default"]
    words = ["--threads", usual["threads"], "--level", usual["level"], "--shards-in-flight", usual["shardsInFlight"], "--io", usual["io"]]
    found = outro("tune", dumps["zst"], "--work", work, "--time", 0, "--sample", "1M", "--quiet", *words).stdout
    assert "Only one setting" in found and "inf" not in found and "nan" not in found, found
    # The first row is what an export does that is told nothing.
    log = json_lines(export(dumps["zst"], work / "usual", "--json").stderr)
    config = next(line for line in log if line["id"] == "WORKERS_READY")
    assert (config["threads"], config["unitsInFlight"], config["zstdLevel"]) == (usual["threads"], usual["shardsInFlight"], usual["level"])


def an_export_takes_the_config_that_was_written(work, dumps):
    config = work / "tuned.toml"
    text = outro("tune", dumps["zst"], "--work", work, "--time", 0, "--sample", "1M", "--threads", "1", "--level",
                 "3,9", "--quiet", "--write", config)
    assert text.stderr == "" and "default" in text.stdout and str(config) in text.stdout
    assert config.read_text().startswith("# Made by `outro tune`")
    out = work / "tuned"
    export(dumps["zst"], out, "--config", config, "--quiet")
    # A level that the operator asked for alone stays, whatever the verdict.
    outro("tune", dumps["zst"], "--work", work, "--time", 0, "--sample", "1M", "--threads", "1", "--level", "9",
          "--shards-in-flight", "1", "--io", "threads", "--quiet", "--write", config)
    assert "level = 9" in config.read_text(), config.read_text()


def the_config_decides_and_the_command_line_wins(work, dumps):
    config = work / "config.toml"

    def packs(name, *arguments):
        out = work / name
        summary = json.loads(export(dumps["zst"], out, "--json", "--quiet", *arguments).stdout)
        return summary["io"], summary["books"]["packBytes"], len(list((out / "packs").iterdir()))

    config.write_text('# a comment\nlevel = 9\nio = "threads"\nslice = "1M"\nignore-preflight = true\n')
    by_file = packs("by-file", "--config", config)
    assert by_file == packs("by-hand", "--level", 9, "--io", "threads", "--slice", "1M")
    assert by_file[0] == "threads" and by_file[2] > 1
    small, large = packs("level-1", "--config", config, "--level", 1), packs("level-1-by-hand", "--level", 1, "--slice", "1M")
    assert small[1:] == large[1:] and small[1] > by_file[1], "the command line must win"


def a_wrong_config_is_refused(work, dumps):
    config = work / "wrong.toml"
    for text, named in (("thread = 4\n", "thread"), ("threads = many\n", "threads"), ("threads = 1\nthreads = 2\n", "--threads"), ("level = 1\nio = \"threads\"\nlevel = 2\n", "twice"),
                        ("[export]\nthreads = 1\n", "table"), ("config = \"x\"\n", "config"), ("io = \"fast\"\n", "fast"),
                        ("slice = \"1X\"\n", "1X"), ("dumps = \"x\"\n", "dumps")):
        config.write_text(text)
        out = work / "refused"
        expect_in(named, export(dumps["zst"], out, "--config", config, code=2).stderr, text)
        assert not out.exists()
    export(dumps["zst"], work / "refused", "--config", work / "absent.toml", code=2)


def what_cannot_be_measured_is_refused(work, dumps):
    def says(word, *arguments, **more):
        expect_in(word, outro("tune", *arguments, "--work", work, "--time", 0, code=2, **more).stderr)
    says("pipe", "-", stdin=subprocess.DEVNULL)
    empty = work / "empty"
    empty.mkdir()
    (empty / "nothing.ndjson").write_text("")
    says("no whole document", empty)
    says("no-layout", dumps["zst"], "--layout", "no-layout", "--sample", "1M")
    says("absent", work / "absent")
    assert not [p for p in work.iterdir() if p.name.startswith("outro-sample")]


def a_signal_ends_it_with_its_export_and_its_sample(work, dumps):
    place = work / "stopped"
    place.mkdir()
    with running(OUTRO, "tune", dumps["two zst"], "--work", place, "--time", "600") as job:
        job.wait_for(lambda: "round" in job.so_far().stderr, "the first round")
        job.send(signal.SIGTERM)
        job.end(code=143)
    expect_equal(list(place.iterdir()), [])


def dumps_of_every_kind(work):
    """Folders, by what their shards are."""
    dumps = {kind: generate(work / kind, 60, "--tracks", "20000", *options)
             for kind, options in {"plain": [], "zst": ["--format", "zst"]}.items()}
    dumps["gz"] = work / "gz"
    dumps["gz"].mkdir()
    plain = next(dumps["plain"].iterdir()).read_bytes()
    (dumps["gz"] / "a.ndjson.gz").write_bytes(gzip.compress(plain, 1))
    dumps["small files"] = work / "many"
    dumps["small files"].mkdir()
    for i, line in enumerate(plain.splitlines()):
        (dumps["small files"] / f"{i:03d}.json").write_bytes(line)
    # What decodes to nothing makes them large enough for units of their own, as tune itself does.
    for kind, padding in {"zst": b"\x50\x2a\x4d\x18" + (16 << 20).to_bytes(4, "little"), "gz": b""}.items():
        two = dumps[f"two {kind}"] = work / f"two-{kind}"
        two.mkdir()
        shard = next(dumps[kind].iterdir())
        for name in "ab":
            path = two / f"{name}.ndjson.{kind}"
            path.write_bytes(shard.read_bytes() + padding)
            os.truncate(path, path.stat().st_size + (16 << 20))
    return dumps


def main():
    with scratch() as work:
        dumps = dumps_of_every_kind(work)
        promise(every_kind_of_dump_is_measured, work, {k: v for k, v in dumps.items() if not k.startswith("two")})
        promise(shards_in_flight_can_be_told_apart, work, dumps)
        promise(one_setting_is_measured_as_it_is, work, dumps)
        promise(an_export_takes_the_config_that_was_written, work, dumps)
        promise(the_config_decides_and_the_command_line_wins, work, dumps)
        promise(a_wrong_config_is_refused, work, dumps)
        promise(what_cannot_be_measured_is_refused, work, dumps)
        promise(a_signal_ends_it_with_its_export_and_its_sample, work, dumps)


main()
