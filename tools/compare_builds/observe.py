"""One build in its own folder: runs its `outro`, and keeps what can be seen of it in a form that can be compared."""
import hashlib
import json
import os
import re
import signal
import sqlite3
import stat
import struct
import subprocess
import threading
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE = 300  # seconds for one command on a busy machine

# Values of these keys are times, durations, CPU, memory, process ids, rates, how far something was at a moment, or (fileBytes)
# the size of files in which such values stand: compared by presence and type.
MEASURED = frozenset("""
    wallSeconds cpuSeconds seconds stageCpuSeconds bytesPerSecond peakMemory memoryUsed usable free diskFree
    pid processStart time startedMs finishedMs beatMs movedMs lastCommitMs finishMs nowMs startedAt finishedAt headroom
    blocksWaiting blocksUnwritten busy queue history slowestShards stages url finish secondsNeeded fileBytes
    """.split())
# Prose for people; the rest of a log line is for programs.
PROSE = frozenset(["message", "lastError"])
# There or not by the time that a run took.
TIMELY = frozenset(["secondsLeft"])


def kind(value):
    if value is None:
        return "null"
    return {bool: "bool", int: "number", float: "number", str: "text", list: "list", dict: "object"}[type(value)]


def masked(value, key=""):
    if key in MEASURED or key in PROSE:
        return f"<{kind(value)}>"
    if isinstance(value, dict):
        return {k: masked(v, k) for k, v in value.items() if k not in TIMELY}
    return [masked(v) for v in value] if isinstance(value, list) else value


def shape(value):
    """Keys and types alone; of a list, the kinds of elements that it has."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(v)) for v in value})
    return f"<{kind(value)}>"


def parsed(text):
    def no_key_twice(pairs):
        assert len(dict(pairs)) == len(pairs), f"a key twice: {pairs}"
        return dict(pairs)
    return json.loads(text, object_pairs_hook=no_key_twice)


def log_of(lines):
    """Of a log: ids, levels and fields in their order; then the reasons of dead letters, which are told when a clock ticks."""
    lines = [parsed(line) for line in lines if line.startswith("{")]
    dead = {(line["reason"], *line) for line in lines if line["id"] == "DEAD_LETTERS"}
    return [{"fields": list(line), **masked(line)} for line in lines if line["id"] not in ("PROGRESS", "DEAD_LETTERS")] + sorted(dead)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def files_of(folder):
    """Relative name → (mode, SHA-256), folders too."""
    def seen(path):
        info = path.lstat()
        return oct(info.st_mode), digest(path.read_bytes()) if stat.S_ISREG(info.st_mode) else ""
    return {str(path.relative_to(folder)): seen(path) for path in [folder, *sorted(folder.rglob("*"))]}


HEAD = 112  # bytes of a description, apart from its text
TEXT = 72  # in them, where its text begins, and the lengths of the id and of the fields


def part_of(data, described):
    """Of a part of the catalogue (src/catalogue/FORMAT.md) what it has whatever ran beside it, and how many pieces it is in; adds
    what it describes to a set."""
    counts, lists, at, pieces = [0, 0], b"", 0, 0
    while at < len(data):
        magic, version, *place, documents, uses, heads, layout_bytes, list_bytes, text_bytes = struct.unpack_from("<4s4I6Q", data, at)
        lists_at = at + 68 + layout_bytes
        lists += data[lists_at:lists_at + list_bytes]
        begin = lists_at + list_bytes + 16
        texts = begin + HEAD * heads + 16
        for head in (data[i:i + HEAD] for i in range(begin, texts - 16, HEAD)):
            text, *lengths = struct.unpack_from("<3I", head, TEXT)
            described.add(head[:TEXT] + head[TEXT + 4:] + data[texts + text:texts + text + sum(lengths)])
        at, pieces, counts = texts + text_bytes, pieces + 1, [counts[0] + documents, counts[1] + uses]
    return [magic.decode(), version, *place, *counts, digest(lists)], pieces


# Columns of the ledger that a clock decides, or the order in which slices of several units were committed.
CLOCKED = {"runs": {"started_ms", "finished_ms", "cpu_seconds", "wall_seconds"}, "paces": {"process_ms", "work_ms", "bytes"}}
PRAGMAS = ("user_version", "application_id", "journal_mode", "page_size", "integrity_check")
IN_ORDER = {"documents": "run, unit, slice, idx", "paces": "run"}


def ledger_of(path):
    """Table → its rows; `schema` and pragmas as a table of their own."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.text_factory = lambda text: text.decode(errors="surrogateescape")
        found = {"schema": db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall(),
                 "pragmas": [db.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]}
        one_unit = db.execute("SELECT count(DISTINCT unit) FROM units").fetchone()[0] == 1
        for _, table, _ in [row for row in found["schema"] if row[0] == "table"]:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            wanted = ["'*'" if c in CLOCKED.get(table, ()) else c for c in columns]
            if table == "slices" and not one_unit:
                wanted[columns.index("first_row")] = "'*'"
            if table == "documents" and not one_unit:  # its place among those of its slice
                wanted[columns.index("row")] = ("row - (SELECT first_row FROM slices s WHERE s.run = documents.run AND "
                                                "s.unit = documents.unit AND s.slice = documents.slice)")
            order = IN_ORDER.get(table, "1, 2, 3" if len(columns) > 2 else "1")
            rows = db.execute(f"SELECT {', '.join(wanted)} FROM {table} ORDER BY {order}").fetchall()
            found[table] = [columns, *([v.hex() if isinstance(v, bytes) else v for v in row] for row in rows)]
    return found


@contextmanager
def at_most(seconds, process):
    """Ends a process and its children if they take longer: a build that hangs is to be told, not waited for."""
    timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    try:
        yield
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # nobody is left to wait for it
        raise
    finally:
        timer.cancel()


class Build:
    def __init__(self, outro, folder):
        self.outro, self.folder = str(outro), folder
        self.seen = {}   # what is compared, by name
        self.wrong = []  # commands that did not end as their case wants; then it would compare nothing of worth
        (folder / "tmp").mkdir(parents=True)
        self.environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def see(self, name, value):
        assert name not in self.seen, name
        self.seen[name] = value

    def start(self, *words, **more):
        return subprocess.Popen(["outro", *map(str, words)], executable=self.outro, cwd=self.folder, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **more)

    def run(self, *words, stdin=b""):
        with self.start(*words, stdin=subprocess.PIPE) as process, at_most(PATIENCE, process):
            out, log = process.communicate(stdin)
        return process.returncode, out, log

    def here(self, text):
        """Text of the program, without the name of this folder and process ids."""
        text = text.decode(errors="surrogateescape").replace(str(self.folder), "HERE")
        return re.sub(r"\bprocess \d+", "process N", text)

    def call(self, name, *words, code=0, stdin=b"", raw=False, only_shape=False):
        """Runs `outro WORDS`; sees its exit code, its JSON and, with `raw`, its bytes. Prose may change."""
        ended, out, log = self.run(*words, stdin=stdin)
        if ended != code:
            self.wrong.append(f"{name}: exit {ended}, not {code}: {self.here(log + out)[-300:]}")
        said = {"exit": ended}
        if "--json" in words:
            lines = [parsed(line) for line in self.here(out).splitlines()]
            said["json"] = [{**shape(line), "health": line.get("health")} if only_shape else masked(line) for line in lines]
        if raw:
            said["bytes"] = (len(out), digest(out))
        if words[:1] == ("export",) and ("--json" in words or "--log" in words):
            said["log"] = log_of(self.here(log).splitlines())
        self.see(name, said)
        return out

    def json_in(self, path, pattern=None):
        text = self.here(path.read_bytes())
        return masked(parsed(re.search(pattern, text, re.S)[1] if pattern else text))

    def see_parts(self, name, parts, folder):
        """Which part describes a track depends on which documents were seen first; what all of them together describe does not."""
        lists, described, pieces = {}, set(), {}
        for path in parts:
            lists[path], pieces[path] = part_of((folder / path).read_bytes(), described)
        alone = len(parts) == 1 and set(pieces.values()) == {1}
        if parts:
            self.see(f"{name}: catalogue parts, lists", lists)
            self.see(f"{name}: catalogue parts, descriptions", [len(described), digest(b"".join(sorted(described)))])
            self.see(f"{name}: catalogue parts, bytes", parts if alone else "decided by the clock")

    def look_at(self, name, out, at_once=True):
        """Everything in an output directory at rest. `at_once`: one process did all, so what it says of itself is compared too."""
        folder = self.folder / out
        files = files_of(folder)
        self.see(f"{name}: names and modes", {path: mode for path, (mode, _) in files.items()})
        # Clocks stand in these.
        files = {path: what for path, (_, what) in files.items() if what and path not in
                 ("ledger.sqlite", "summary.json", "report.html", "SHA256SUMS", "lock")}
        for kind_of_file, prefix in (("packs", "packs/"), ("dead letters", "dead-letters/"), ("merged catalogue", "catalogue/"),
                                     ("catalogue parts", "catalogue/parts/"), ("other files", "")):
            these = {path: what for path, what in files.items() if path.startswith(prefix) and
                     (prefix != "catalogue/" or not path.startswith("catalogue/parts/"))}
            if kind_of_file == "catalogue parts":
                self.see_parts(name, these, folder)
            elif these:
                self.see(f"{name}: {kind_of_file}", these)
            files = {path: what for path, what in files.items() if path not in these}
        for table, rows in ledger_of(folder / "ledger.sqlite").items():
            self.see(f"{name}: ledger, {table}", rows)
        sums = dict(reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text(errors="surrogateescape").splitlines())
        self.see(f"{name}: names in SHA256SUMS", sorted(sums))
        self.see(f"{name}: wrong in SHA256SUMS", [path for path, known in sums.items() if digest((folder / path).read_bytes()) != known])
        if at_once and (folder / "summary.json").exists():
            self.see(f"{name}: summary.json", self.json_in(folder / "summary.json"))
            self.see(f"{name}: data of report.html", self.json_in(folder / "report.html", r'id="data">(.*?)</script>'))
        if at_once and (folder / "lock").stat().st_size > 0:
            self.see(f"{name}: state in lock", masked(parsed(self.here((folder / "lock").read_bytes()).split("\n")[1])))
