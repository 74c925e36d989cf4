"""What is refused, what is said beside a running job, and which commands and options there are."""
import http.client
import json
import os
import re
import signal

from compare_builds.cases import IN, ONE, SMALL
from compare_builds.observe import log_of, parsed, shape


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


def beside_a_running_job(b, s):
    os.mkfifo(b.folder / "fifo")
    with b.start("export", "fifo", "--out", "busy", "--json", "--status", ":0", *SMALL, *ONE) as job:
        lines = until(job.stderr, "STATUS_SERVED", "WORKERS_READY")
        port = int(re.search(rb"http://127.0.0.1:(\d+)/", b"".join(lines))[1])
        with open(b.folder / "fifo", "wb", buffering=0) as feed:
            feed.write((b.folder / IN / "small.ndjson").read_bytes()[:300_000])
            b.call("busy: export", "export", IN / "small.ndjson", "--out", "busy", "--json", *SMALL, code=2)
            b.call("busy: verify", "verify", "busy", "--json", code=2)
            b.call("busy: rebuild", "rebuild", "busy", code=2)
            b.call("busy: list", "list", "busy", "--json", only_shape=True)
            b.call("busy: status", "status", "busy", "--json", only_shape=True)
            b.see("status page: /status.json", shape(parsed(get(port, "/status.json")[1])))
            b.see("status page: /metrics", sorted({line.rsplit(" ", 1)[0] for line in get(port, "/metrics")[1].splitlines() if line[:1] != "#"}))
            b.see("status page: others", [get(port, path)[0] for path in ("/", "/healthz", "/nothing", "/metrics/")] + [get(port, "/healthz")[1]])
            job.send_signal(signal.SIGTERM)
            out, rest = job.communicate()
    log = log_of(b.here(b"".join(lines) + rest).splitlines())
    b.see("stopped by a signal: log", {"exit": job.returncode, "stdout": len(out), "log": [[line["id"], line["level"], line["fields"]] for line in log]})
    b.call("stopped by a signal: status", "status", "busy", "--json", code=1, only_shape=True)


def refused(b, s):
    out = ["--out", "refused"]
    small = IN / "small.ndjson"
    (b.folder / "file").write_text("a file\n")
    for words in ([small], ["--out", "refused"], [IN / "nothing", *out], [small, *out, "--threads", "2000"], [small, *out, "--level", "20"],
                  [small, *out, "--slice", "1"], [small, *out, "--slice", "lots"], [small, *out, "--io", "fast"], [small, *out, "--memory", "1K"],
                  [small, *out, "--memory", "9999G"], [small, *out, "--max-document", "2G"], [small, *out, "--shards-in-flight", "999"],
                  [IN / "small", "--out", IN / "small/inside"], [small, "--out", "file"], [small, *out, "--layout", "nobody"],
                  [small, *out, "--layout", IN / "bad.toml"], [small, *out, "--layout", IN / "nothing.toml"], [small, *out, "--roster", IN / "nothing"],
                  [small, *out, "--status", "0.0.0.0:1"], [small, *out, "--status", "here"], [small, *out, "--deadline", "tomorrow"],
                  [small, *out, "--abort-if-late"], [small, *out, "--config", IN / "unknown.toml"], [small, *out, "--config", IN / "nothing.toml"],
                  [small, *out, "--catalogue", "--no-catalogue"], [small, *out, "--no-such-option"], [IN / "pretty.json", *out],
                  [small, small, *out], ["-", "-", *out]):
        b.call(f"refused: export {' '.join(map(str, words))}", "export", *words, "--log", "json", code=2)
    b.see("refused: nothing was made", sorted(os.listdir(b.folder / "refused")) if (b.folder / "refused").exists() else None)
    for words in (["nothing"], [], ["export"], ["verify"], ["verify", "nothing"], ["verify", IN], ["verify", IN, "--threads", "x"], ["list"], ["list", IN],
                  ["list", "nothing", "--packs", "--slices"], ["extract", IN], ["extract", IN, "--account", "1"], ["extract", IN, "--account", ""],
                  ["extract", IN, "--account", "1", "--as", "pdf"], ["extract", IN, "--account", "1", "--as", "files", "--to", "-"], ["status"], ["status", IN],
                  ["status", "nothing"], ["rebuild"], ["rebuild", IN], ["rebuild", "nothing"], ["catalogue", IN], ["catalogue", IN, "--to", "none"],
                  ["recordings"], ["recordings", IN / "pretty.json"], ["recordings", IN / "table.tsv", "--labels", "none"], ["layout"], ["layout", "check"],
                  ["layout", "check", "nobody", "--sample", small], ["layout", "check", "xiami", "--sample", "nothing"], ["layout", "show", "nobody"],
                  ["plan"], ["plan", "--accounts", "5"], ["plan", "--accounts", "0"], ["plan", "--accounts", "9", "--mean-bytes", "2G", "--rate", "1M"],
                  ["plan", "nothing"], ["plan", "--deadline", "soon"], ["tune"], ["tune", "nothing"], ["tune", small, "--work", "nothing"],
                  ["tune", small, "--threads", "0"]):
        b.call(f"refused: {' '.join(map(str, words)) or 'no command'}", *words, code=2)
    b.call("unreadable: recordings", "recordings", IN / "nothing", code=1)
    for words in (["--help"], ["--version"], *([command, "--help"] for command in ("export", "verify", "list", "plan"))):
        b.call(f"prose: {' '.join(words)}", *words)
    b.see("prose: version", b.run("--version")[1].decode())


def options(b, s):
    """Names of commands and options, from --help; its prose may change."""
    commands = re.findall(r"^  ([a-z]+) ", b.run("--help")[1].decode().split("ubcommands:")[1], re.M)
    b.see("commands", commands)
    for words in (*([c] for c in commands), ["layout", "check"], ["layout", "show"]):
        b.see(f"options of {' '.join(words)}", re.findall(r"^  (--?[\w,-]+)", b.run(*words, "--help")[1].decode(), re.M))


ALL = [beside_a_running_job, refused, options]
