#!/usr/bin/env python3
"""`--log json`: every line of a run's log is one object with a known message id, errors too; and what a service
manager hears. Unit files are checked where systemd-analyze is there.
"""
import fcntl
import json
import os
import re
import shutil
import signal
import socket

from testing.commands import export, export_words, json_lines, outro, run
from testing.compressed import zstd
from testing.dumps import generate
from testing.jobs import open_fifo, running
from testing.programs import OUTRO, ROOT
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch
from testing.waiting import PATIENCE

IDS = set(re.findall(r'\{"([A-Z_]+)", message_level::', (ROOT / "src/report/message.h").read_text()))


def log_of(done):
    lines = json_lines(done.stderr)
    for line in lines:
        assert line["id"] in IDS and line["level"] in ("info", "warning", "error") and line["message"], line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", line["time"]), line
    return lines


def ids_of(done):
    return [line["id"] for line in log_of(done)]


def a_run_is_told_from_beginning_to_end(work, dumps):
    out = work / "out"
    done = export(dumps, out, "--log", "json")
    ids = ids_of(done)
    assert ids[0] == "RUN_BEGINS" and ids[-1] == "RUN_FINISHED" and "SEALING" in ids, ids
    assert "documents" in done.stdout and not done.stdout.startswith("{")  # the summary stays for people
    again = export(dumps, out, "--log=json")
    expect_equal(ids_of(again), ["NOTHING_TO_DO"], again)
    recipe = export(dumps, out, "--log", "json", "--level", "1", code=None)
    assert "RECIPE_CHANGED" in ids_of(recipe) or ids_of(recipe) == ["NOTHING_TO_DO"], recipe.stderr
    both = export(dumps, work / "both", "--json")
    expect_equal(json.loads(both.stdout)["event"], "summary")
    expect_equal(ids_of(both)[-1], "RUN_FINISHED")
    expect_equal(export(dumps, work / "quiet", "--log", "json", "--quiet").stderr, "")


def damage_and_dead_letters_are_warned_of(work, dumps):
    bad = work / "bad"
    bad.mkdir()
    (bad / "a.ndjson").write_text("{broken\n")
    (bad / "b.ndjson.zst").write_text("no zstd at all\n")
    export(bad, work / "warned", "--log", "json", code=None)
    (bad / "b.ndjson.zst").unlink()
    whole = zstd(next(dumps.iterdir()).read_bytes())
    (bad / "b.ndjson.zst").write_bytes(whole[:len(whole) // 2])
    lines = log_of(export(bad, work / "warned", "--log", "json", code=3))
    ids = [line["id"] for line in lines]
    assert "DEAD_LETTERS" in ids and "SHARD_DAMAGED" in ids and ids[-1] == "RUN_INCOMPLETE", ids
    assert next(x for x in lines if x["id"] == "DEAD_LETTERS")["reason"] == "MALFORMED"
    assert next(x for x in lines if x["id"] == "SHARD_DAMAGED")["shard"].endswith("b.ndjson.zst")
    assert lines[-1]["exitCode"] == 3 and lines[-1]["damagedShards"] == 1, lines[-1]
    status = outro("status", work / "warned", code=None).stdout
    expect_in("  damaged       ", status)
    expect_in("b.ndjson.zst: zstd: cut off", status)
    expect_in("fetch the damaged shard again under the same name, then cd ", status)


def names_may_have_any_encoding(work, dumps):
    odd = os.fsencode(work) + b"/\xd6\xd0"  # a name in GBK
    shutil.copytree(os.fsencode(dumps), odd)
    with open(odd + b"/\xb9\xfa.ndjson", "wb") as shard:
        shard.write(b"{broken\n")
    with open(odd + b"/\xb9\xfa.zst", "wb") as shard:
        shard.write(b"\x28\xb5\x2f\xfd cut off")
    out = work / "odd-out"
    # Prose may hold any bytes; JSON is UTF-8.
    json_lines(export(odd, out, "--log", "json", code=3, text=False).stderr.decode())
    for words in (["status", out, "--json"], ["list", out, "--json"], ["list", out, "--dead-letters", "--json"]):
        json_lines(outro(*words).stdout)
    said = json.loads(outro("status", out, "--json").stdout)
    assert len(said["damagedShards"]) == 1 and "\\xd6\\xd0" in list(said["damagedShards"])[0], said
    resume = said["next"].split(", then ")[1]
    assert "$'" in resume, said
    expect_in(b"nothing to do", run("bash", "-c", resume, code=3, text=False).stdout)


def one_error_is_told(expected, dumps, out, *options):
    """Wrong usage and refusals: with exit code 2."""
    lines = log_of(export(dumps, out, "--log", "json", *options, code=2))
    expect_equal([x["id"] for x in lines if x["level"] == "error"], [expected], lines)


def each_error_is_told_once(work, dumps):
    out = work / "e"
    one_error_is_told("USAGE_WRONG", dumps, out, "--no-such-option")
    one_error_is_told("USAGE_WRONG", work / "nothing", out)
    one_error_is_told("USAGE_WRONG", dumps, out, "--status", "0.0.0.0:1")
    one_error_is_told("RUN_REFUSED", dumps, dumps / "inside")
    assert not out.exists()


def a_stop_and_whoever_holds_the_output_are_told(work, dumps):
    # An overlapping run, as a scheduler may start one; then a stop in order.
    fifo, out = work / "fifo", work / "busy"
    os.mkfifo(fifo)
    with running(*export_words(fifo, out, "--log", "json")) as first:
        first.wait_for_log("WORKERS_READY")
        with open_fifo(fifo, first):
            one_error_is_told("OUTPUT_BUSY", dumps, out)
            first.send(signal.SIGTERM)
            last = log_of(first.end(code=143))[-1]
            assert last["id"] == "RUN_STOPPED" and last["exitCode"] == 143, last

    # Who only reads it (`outro verify`) writes nothing into the lock, and is named all the same.
    with open(out / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        expect_in(f"is in use by process {os.getpid()}, ", export(dumps, out, code=2).stderr)


def a_service_manager_hears_of_it(work, dumps):
    path = str(work / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(PATIENCE)
        fifo = work / "service.ndjson"
        os.mkfifo(fifo)
        environment = {**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "60000"}
        with running(*export_words(fifo, work / "service", "--quiet"), env=environment) as job:
            with open_fifo(fifo, job, "w") as feed:
                wanted = {"READY=1", "WATCHDOG=1"}
                while wanted:
                    wanted.discard(heard.recv(4096).decode())
                feed.write(next(dumps.iterdir()).read_text())
            text = heard.recv(4096).decode()
            while text != "STOPPING=1":
                text = heard.recv(4096).decode()
            while not text.startswith("STATUS=finished"):
                text = heard.recv(4096).decode()
            job.end()
    # Nobody listens: nothing is amiss.
    export(dumps, work / "unheard", "--quiet", env={**os.environ, "NOTIFY_SOCKET": path})


def unit_files_are_valid(work):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        print("systemd-analyze is not here: the unit files are not checked")
        return
    for unit in ("outro.service", "outro.timer"):
        text = (ROOT / "tools/deploy" / unit).read_text()
        (work / unit).write_text(text.replace("/usr/local/bin/outro", OUTRO))
    checked = run(analyze, "verify", "--man=no", work / "outro.service", work / "outro.timer", code=None)
    complaints = [line for line in checked.stderr.splitlines() if "outro" in line]
    if checked.returncode != 0 and not complaints:
        print("systemd-analyze does not work here:", checked.stderr.strip())
        return
    assert not complaints, checked.stderr


def main():
    with scratch() as work:
        dumps = generate(work / "input", 40)
        promise(a_run_is_told_from_beginning_to_end, work, dumps)
        promise(damage_and_dead_letters_are_warned_of, work, dumps)
        promise(names_may_have_any_encoding, work, dumps)
        promise(each_error_is_told_once, work, dumps)
        promise(a_stop_and_whoever_holds_the_output_are_told, work, dumps)
        promise(a_service_manager_hears_of_it, work, dumps)
        promise(unit_files_are_valid, work)


main()
