#!/usr/bin/env python3
"""`--log json`: every line of a run's log is one object with a known message id, errors too; and what a service
manager hears. Unit files are checked where systemd-analyze is there.

usage: log_test.py OUTRO OUTRO_GENERATE SOURCE_DIR
"""
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

OUTRO, GENERATE = sys.argv[1:3]
SOURCE = Path(sys.argv[3])
IDS = set(re.findall(r'\{"([A-Z_]+)", message_level::', (SOURCE / "src/report/message.h").read_text()))


def export(*words, **more):
    return subprocess.run([OUTRO, "export", *map(str, words)], capture_output=True, text=True, **more)


def log_of(done):
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    for line in lines:
        assert line["id"] in IDS and line["level"] in ("info", "warning", "error") and line["message"], line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", line["time"]), line
    return lines


def ids_of(done):
    return [line["id"] for line in log_of(done)]


def a_run_from_beginning_to_end(work, dumps):
    out = work / "out"
    done = export(dumps, "--out", out, "--log", "json")
    assert done.returncode == 0, done.stderr
    ids = ids_of(done)
    assert ids[0] == "RUN_BEGINS" and ids[-1] == "RUN_FINISHED" and "SEALING" in ids, ids
    assert "documents" in done.stdout and not done.stdout.startswith("{")  # the summary stays for people
    again = export(dumps, "--out", out, "--log=json")
    assert (again.returncode, ids_of(again)) == (0, ["NOTHING_TO_DO"]), again
    recipe = export(dumps, "--out", out, "--log", "json", "--level", "1")
    assert "RECIPE_CHANGED" in ids_of(recipe) or ids_of(recipe) == ["NOTHING_TO_DO"], recipe.stderr
    both = export(dumps, "--out", work / "both", "--json")
    assert both.returncode == 0 and json.loads(both.stdout)["event"] == "summary"
    assert ids_of(both)[-1] == "RUN_FINISHED"
    quiet = export(dumps, "--out", work / "quiet", "--log", "json", "--quiet")
    assert (quiet.returncode, quiet.stderr) == (0, ""), quiet


def warnings(work, dumps):
    bad = work / "bad"
    bad.mkdir()
    (bad / "a.ndjson").write_text("{broken\n")
    (bad / "b.ndjson.zst").write_text("no zstd at all\n")
    refused = export(bad, "--out", work / "warned", "--log", "json")
    (bad / "b.ndjson.zst").unlink()
    whole = subprocess.run(["zstd", "-qc"], input=next(dumps.iterdir()).read_bytes(), capture_output=True, check=True).stdout
    (bad / "b.ndjson.zst").write_bytes(whole[:len(whole) // 2])
    done = export(bad, "--out", work / "warned", "--log", "json")
    assert done.returncode == 3, (refused, done)
    lines = log_of(done)
    ids = [line["id"] for line in lines]
    assert "DEAD_LETTERS" in ids and "SHARD_DAMAGED" in ids and ids[-1] == "RUN_INCOMPLETE", ids
    assert next(x for x in lines if x["id"] == "DEAD_LETTERS")["reason"] == "MALFORMED"
    assert next(x for x in lines if x["id"] == "SHARD_DAMAGED")["shard"].endswith("b.ndjson.zst")
    assert lines[-1]["exitCode"] == 3 and lines[-1]["damagedShards"] == 1, lines[-1]
    status = subprocess.run([OUTRO, "status", work / "warned"], capture_output=True, text=True)
    assert "  damaged       " in status.stdout and "b.ndjson.zst: zstd: cut off" in status.stdout, status
    assert "fetch the damaged shard again under the same name, then cd " in status.stdout, status


def names_in_any_encoding(work, dumps):
    odd = os.fsencode(work) + b"/\xd6\xd0"  # a name in GBK
    shutil.copytree(os.fsencode(dumps), odd)
    with open(odd + b"/\xb9\xfa.ndjson", "wb") as shard:
        shard.write(b"{broken\n")
    with open(odd + b"/\xb9\xfa.zst", "wb") as shard:
        shard.write(b"\x28\xb5\x2f\xfd cut off")
    out = work / "odd-out"
    done = subprocess.run([OUTRO, "export", odd, "--out", out, "--log", "json"], capture_output=True)
    assert done.returncode == 3, done
    for line in done.stderr.splitlines():
        json.loads(line.decode())
    for words in (["status", out, "--json"], ["list", out, "--json"], ["list", out, "--dead-letters", "--json"]):
        told = subprocess.run([OUTRO, *words], capture_output=True)
        assert told.returncode == 0, told
        for line in told.stdout.splitlines():
            json.loads(line.decode())
    told = subprocess.run([OUTRO, "status", out, "--json"], capture_output=True)
    said = json.loads(told.stdout)
    assert len(said["damagedShards"]) == 1 and "\\xd6\\xd0" in list(said["damagedShards"])[0], said
    resume = said["next"].split(", then ")[1]
    assert "$'" in resume, said
    again = subprocess.run(["bash", "-c", resume], capture_output=True)
    assert again.returncode == 3 and b"nothing to do" in again.stdout, again


def errors(work, dumps):
    def one(expected, code, *words, **more):
        done = export(*words, **more)
        lines = log_of(done)
        assert done.returncode == code and [x["id"] for x in lines if x["level"] == "error"] == [expected], done
        assert lines[-1]["exitCode"] == code or code == 2, lines[-1]

    one("USAGE_WRONG", 2, dumps, "--out", work / "e", "--log", "json", "--no-such-option")
    one("USAGE_WRONG", 2, work / "nothing", "--out", work / "e", "--log", "json")
    one("USAGE_WRONG", 2, dumps, "--out", work / "e", "--log", "json", "--status", "0.0.0.0:1")
    one("RUN_REFUSED", 2, dumps, "--out", dumps / "inside", "--log", "json")
    assert not (work / "e").exists()

    # An overlapping run, as a scheduler may start one; then a stop in order.
    fifo, out = work / "fifo", work / "busy"
    os.mkfifo(fifo)
    first = subprocess.Popen([OUTRO, "export", str(fifo), "--out", str(out), "--log", "json"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    lines = [json.loads(first.stderr.readline())]
    while lines[-1]["id"] != "WORKERS_READY":
        lines.append(json.loads(first.stderr.readline()))
    feed = open(fifo, "w")
    one("OUTPUT_BUSY", 2, dumps, "--out", out, "--log", "json")
    first.send_signal(signal.SIGTERM)
    rest = [json.loads(line) for line in first.stderr]
    assert first.wait() == 143 and rest[-1]["id"] == "RUN_STOPPED" and rest[-1]["exitCode"] == 143, rest
    feed.close()

    # Who only reads it (`outro verify`) writes nothing into the lock, and is named all the same.
    with open(out / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        refused = export(dumps, "--out", out)
        assert refused.returncode == 2 and f"is in use by process {os.getpid()}, " in refused.stderr, refused


def a_service_manager_hears_of_it(work, dumps):
    path = str(work / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(120)
        fifo = work / "service.ndjson"
        os.mkfifo(fifo)
        environment = {**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "60000"}
        job = subprocess.Popen([OUTRO, "export", str(fifo), "--out", str(work / "service"), "--quiet"], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        feed = open(fifo, "w")
        wanted = {"READY=1", "WATCHDOG=1"}
        while wanted:
            wanted.discard(heard.recv(4096).decode())
        feed.write(next(dumps.iterdir()).read_text())
        feed.close()
        text = heard.recv(4096).decode()
        while text != "STOPPING=1":
            text = heard.recv(4096).decode()
        while not text.startswith("STATUS=finished"):
            text = heard.recv(4096).decode()
        job.communicate()
        assert job.returncode == 0
    # Nobody listens: nothing is amiss.
    done = export(dumps, "--out", work / "unheard", "--quiet", env={**os.environ, "NOTIFY_SOCKET": path})
    assert done.returncode == 0, done.stderr


def unit_files_are_valid(work):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        print("systemd-analyze is not here: the unit files are not checked")
        return
    for unit in ("outro.service", "outro.timer"):
        text = (SOURCE / "tools/deploy" / unit).read_text()
        (work / unit).write_text(text.replace("/usr/local/bin/outro", OUTRO))
    checked = subprocess.run([analyze, "verify", "--man=no", str(work / "outro.service"), str(work / "outro.timer")],
                             capture_output=True, text=True)
    complaints = [line for line in checked.stderr.splitlines() if "outro" in line]
    if checked.returncode != 0 and not complaints:
        print("systemd-analyze does not work here:", checked.stderr.strip())
        return
    assert not complaints, checked.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([GENERATE, "--out", str(work / "input"), "--accounts", "40"], check=True, capture_output=True)
        dumps = work / "input" / "dumps"
        a_run_from_beginning_to_end(work, dumps)
        warnings(work, dumps)
        names_in_any_encoding(work, dumps)
        errors(work, dumps)
        a_service_manager_hears_of_it(work, dumps)
        unit_files_are_valid(work)


main()
