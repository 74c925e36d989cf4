"""What is refused, what is said beside a running job, and which commands and options there are."""
import http.client
import json
import os
import re
import shlex
import signal
import time

from compare_builds.cases import IN, ONE, SMALL
from compare_builds.observe import PATIENCE, at_most, log_of, parsed, shape


def until(stream, *ids):
    """The lines of a log up to the last of these ids."""
    lines, left = [], set(ids)
    while left:
        line = stream.readline()
        assert line, f"the log ended before {left}"
        lines.append(line)
        left.discard(json.loads(line)["id"])
    return lines


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def in_flight(ask):
    """The first answer that shows a slice in flight."""
    end = time.monotonic() + 60
    while not (answer := parsed(ask()))["inFlight"]:
        assert time.monotonic() < end, "no slice is in flight for a minute"
        time.sleep(0.05)
    return answer


def beside_a_running_job(b, _):
    os.mkfifo(b.folder / "fifo")
    with b.start("export", "fifo", "--out", "busy", "--json", "--status", ":0", *ONE, "--memory", "512M") as job, at_most(PATIENCE, job):
        lines = until(job.stderr, "STATUS_SERVED", "WORKERS_READY")
        port = int(re.search(rb"http://127.0.0.1:(\d+)/", b"".join(lines))[1])
        with open(b.folder / "fifo", "r+b", buffering=0) as feed:
            feed.write(3 * (b.folder / IN / "small.ndjson").read_bytes())  # some blocks, less than a slice
            # What is shown is as of the last beat.
            page = in_flight(lambda: get(port, "/status.json")[1])
            in_flight(lambda: b.run("status", "busy", "--json")[1])
            b.call("busy: export", "export", IN / "small.ndjson", "--out", "busy", "--json", *SMALL, code=2)
            b.call("busy: verify", "verify", "busy", "--json", code=2)
            b.call("busy: rebuild", "rebuild", "busy", code=2)
            b.call("busy: list", "list", "busy", "--json", only_shape=True)
            b.call("busy: status", "status", "busy", "--json", only_shape=True)
            b.see("status page: /status.json", shape(page))
            metrics = get(port, "/metrics")[1].splitlines()
            b.see("status page: /metrics", sorted({line.rsplit(" ", 1)[0] for line in metrics if line[:1] != "#"}))
            b.see("status page: others", [get(port, path)[0] for path in ("/", "/healthz", "/nothing", "/metrics/")])
            b.see("status page: /healthz", get(port, "/healthz")[1])
            job.send_signal(signal.SIGTERM)
            out, rest = job.communicate()
    log = log_of(b.here(b"".join(lines) + rest).splitlines())
    b.see("stopped by a signal: log", {"exit": job.returncode, "stdout": len(out),
                                       "log": [[line["id"], line["level"], line["fields"]] for line in log]})
    b.call("stopped by a signal: status", "status", "busy", "--json", code=1, only_shape=True)


# After `outro export ../input/`.
REFUSED_EXPORTS = """
    small.ndjson
    nothing --out refused
    pretty.json --out refused
    small --out ../input/small/inside
    small.ndjson --out file
    small.ndjson ../input/small.ndjson --out refused
    small.ndjson - - --out refused
    small.ndjson --out refused --threads 2000
    small.ndjson --out refused --level 20
    small.ndjson --out refused --slice 1
    small.ndjson --out refused --slice lots
    small.ndjson --out refused --io fast
    small.ndjson --out refused --memory 1K
    small.ndjson --out refused --memory 9999G
    small.ndjson --out refused --max-document 2G
    small.ndjson --out refused --shards-in-flight 999
    small.ndjson --out refused --layout nobody
    small.ndjson --out refused --layout ../input/bad.toml
    small.ndjson --out refused --layout ../input/nothing.toml
    small.ndjson --out refused --roster ../input/nothing
    small.ndjson --out refused --status 0.0.0.0:1
    small.ndjson --out refused --status here
    small.ndjson --out refused --deadline tomorrow
    small.ndjson --out refused --abort-if-late
    small.ndjson --out refused --config ../input/unknown.toml
    small.ndjson --out refused --config ../input/nothing.toml
    small.ndjson --out refused --catalogue --no-catalogue
    small.ndjson --out refused --no-such-option
"""
# After `outro`. What is refused with other codes than 2 stands in `refused`.
REFUSED = """
    nothing
    --no-such-option
    export
    verify
    verify nothing
    verify ../input
    verify ../input --threads x
    list
    list ../input
    list nothing --packs --slices
    extract ../input
    extract ../input --account 1
    extract ../input --account ''
    extract ../input --account 1 --as pdf
    extract ../input --account 1 --as files --to -
    status
    status ../input
    status nothing
    rebuild
    rebuild ../input
    rebuild nothing
    catalogue ../input
    catalogue ../input --to none
    recordings
    recordings ../input/pretty.json
    recordings ../input/table.tsv --labels none
    layout
    layout check
    layout check nobody --sample ../input/small.ndjson
    layout check xiami --sample nothing
    layout show nobody
    plan
    plan nothing
    plan --accounts 5
    plan --accounts 0
    plan --accounts 9 --mean-bytes 2G --rate 1M
    plan --deadline soon
    tune
    tune nothing
    tune ../input/small.ndjson --work nothing
    tune ../input/small.ndjson --threads 0
"""


def refused(b, _):
    (b.folder / "file").write_text("a file\n")
    for line in REFUSED_EXPORTS.strip().splitlines():
        b.call(f"refused: export {line.strip()}", "export", *shlex.split("../input/" + line.strip()), "--log", "json", code=2)
    b.see("refused: nothing was made", (b.folder / "refused").exists())
    b.call("refused: no command", code=2)
    for line in REFUSED.strip().splitlines():
        b.call(f"refused: {line.strip()}", *shlex.split(line), code=2)
    b.call("unreadable: recordings", "recordings", IN / "nothing", code=1)


def options(b, _):
    """Names of commands and options, from --help; its prose may change."""
    b.call("--version", "--version", raw=True)
    commands = re.findall(r"^  ([a-z]+) ", b.run("--help")[1].decode().split("ubcommands:")[1], re.M)
    b.see("commands", commands)
    for words in (*([c] for c in commands), ["layout", "check"], ["layout", "show"]):
        b.see(f"options of {' '.join(words)}", re.findall(r"^  (--?[\w,-]+)", b.run(*words, "--help")[1].decode(), re.M))


ALL = [beside_a_running_job, refused, options]
