#!/usr/bin/env python3
"""list, extract, verify and rebuild beside a ledger that somebody crafted: they end with an exit code and a message,
within their memory, write nothing outside, and hand out nothing but the account's own archive.
"""
import functools
import json
import os
import resource
import shutil
import sqlite3
import subprocess
from pathlib import Path

from testing import commands
from testing.programs import SANITIZED
from testing.promises import expect_equal, promise
from testing.scratch import scratch

MEMORY = None if SANITIZED else 3 << 30  # sanitizers reserve terabytes
ACCOUNT = "5"

MOST, LEAST = 2**63 - 1, -2**63
# What SQL does to a good ledger. Where nothing of it can be seen in the packs, verify need not find it.
HARMLESS = ["UPDATE runs SET finished_ms = %d" % MOST, "UPDATE runs SET finished_ms = %d" % LEAST, "CREATE TABLE more (x)"]
CHANGES = [
    *(f"UPDATE documents SET {column} = {value}" for column in
      ["run", "unit", "slice", "idx", "exported_at", "outcome", "reason", "shard", "offset", "line", "length",
       "stored_offset", "stored_bytes"] for value in [-1, MOST]),
    "UPDATE documents SET run = 4294967297", "UPDATE documents SET stored_bytes = 1", "UPDATE documents SET stored_offset = 1",
    "UPDATE documents SET account = '5'", "UPDATE documents SET account = '../../etc/passwd' || char(27) || '[2J'",
    "UPDATE documents SET exported_at = %d" % LEAST, "UPDATE documents SET digest = zeroblob(16)",
    "UPDATE documents SET digest = zeroblob(15000000), content = x''", "UPDATE documents SET account = hex(zeroblob(15000000)) WHERE row = 1",
    "UPDATE slices SET run = -1", "UPDATE slices SET unit = 4294967296 + unit", "UPDATE slices SET first_row = -9",
    "UPDATE slices SET documents = %d" % MOST, "UPDATE slices SET documents = -1", "UPDATE slices SET pack_bytes = %d" % MOST,
    "UPDATE slices SET tar_bytes = %d" % MOST, "UPDATE slices SET letters_bytes = %d" % MOST,
    "UPDATE slices SET pack_sha256 = '../' || char(27) || ']0;x' || char(7)", "UPDATE slices SET digest = x''",
    "UPDATE shards SET path = '../../../../etc/passwd', damage = char(27) || '[2J'", "UPDATE shards SET shard = -1",
    "UPDATE shards SET path = hex(zeroblob(20000000))", "UPDATE shards SET decoded_bytes = %d, proven_end = -1" % LEAST,
    "UPDATE runs SET service = '../' || char(27) || '[2J'", "UPDATE runs SET run = 4294967296", "UPDATE runs SET run = -1",
    "UPDATE runs SET started_ms = %d" % LEAST, "UPDATE runs SET recipe = hex(zeroblob(2000000))", "DELETE FROM runs",
    "INSERT INTO runs SELECT run + 4294967295, state, started_ms, finished_ms, recipe, service, units, 1e308, 1e308 FROM runs",
    "DROP TABLE documents", "DROP TABLE shards", "DROP TABLE roster", "DROP INDEX documents_offered",
    "PRAGMA application_id = 1", "PRAGMA user_version = 99", "PRAGMA user_version = -1",
    "CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM documents; END",
    "DROP TABLE documents; CREATE VIEW documents AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS row, "
    "1 AS run, 1 AS unit, 1 AS slice, x AS idx, '5' AS account, 1 AS exported_at, x'' AS digest, x'' AS content, 0 AS outcome, 0 AS "
    "reason, 1 AS proven, 0 AS shard, 0 AS offset, 0 AS line, 0 AS length, 0 AS stored_offset, 0 AS stored_bytes FROM c",
    "DROP TABLE roster; CREATE TABLE roster (x, account AS (hex(zeroblob(1000000000)))); INSERT INTO roster (x) VALUES (1)",
    "DROP TABLE roster; CREATE VIEW roster AS SELECT account FROM documents a, documents b, documents c, documents d, documents e",
    "CREATE VIRTUAL TABLE more USING fts5(x)",
    # Types that no STRICT table takes.
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', ''); PRAGMA writable_schema = RESET; "
    "UPDATE documents SET length = 'many', digest = 7, account = x'00ff'; UPDATE slices SET digest = 'x', pack_sha256 = x'ff'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'length INTEGER', 'length INTEGER, length INTEGER')",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'documents'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE type = 'table'",
]
LISTINGS = [[], ["--accounts"], ["--account", ACCOUNT], ["--packs"], ["--slices"], ["--shards"], ["--dead-letters"]]


def limit():
    if MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


outro = functools.partial(commands.outro, code=None, text=False, stdin=subprocess.DEVNULL, preexec_fn=limit)


def tree(folder):
    return {str(p.relative_to(folder)): (p.lstat().st_mode, p.read_bytes() if p.is_file() and not p.is_symlink() else None)
            for p in sorted(folder.rglob("*"))}


class Bench:
    """A good export, and copies of it that are changed and looked at."""

    def __init__(self, work):
        self.work = work
        lines = [json.dumps({"userId": n, "exportedAt": 1611800000000, "playLog": [{"song": {"songId": k}} for k in range(n)]}) for n in range(30)]
        (work / "in.ndjson").write_text("\n".join(lines) + "\nbroken\n")
        outro("export", work / "in.ndjson", "--out", work / "good", "--slice", "4K", "--quiet", code=3)
        done = outro("extract", work / "good", "--account", ACCOUNT, "--as", "dump", code=0)
        expect_equal(json.loads(done.stdout)["userId"], int(ACCOUNT))
        self.dump = done.stdout
        self.tried = 0
        self.refused = 0

    def copy(self):
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.work / "good", out)
        return out

    def ended(self, what, done):
        """Ended by itself, with a reason where it failed, and no byte that moves a terminal's cursor."""
        self.tried += 1
        self.refused += done.returncode != 0
        assert done.returncode in (0, 1, 2, 3), (what, done)
        said = done.stdout + done.stderr
        assert done.returncode == 0 or said, (what, done)
        assert not any(c < 32 and c not in b"\n" for c in said), (what, said)

    def look(self, what, out, finds=True, at_rest=True):
        before = tree(out) if at_rest else None
        for listing in LISTINGS:
            self.ended((what, listing), outro("list", out, *listing))
        self.ended((what, "json"), outro("list", out, "--accounts", "--json"))
        for kind in ["archive", "files", "dump"]:
            into = self.work / "into"
            into.mkdir()
            into.chmod(0o755)
            done = outro("extract", out, "--account", ACCOUNT, "--as", kind, "--to", into)
            self.ended((what, kind), done)
            assert into.stat().st_mode & 0o777 == 0o755, (what, "a directory that was there has another mode")
            made = sorted(p.name for p in into.iterdir())
            own = {"archive": "xiami-5.tar.zst", "files": "xiami-5", "dump": "xiami-5.json"}[kind]
            assert made == ([own] if done.returncode == 0 else []), (what, kind, made, done)
            if kind == "dump" and done.returncode == 0:
                assert (into / own).read_bytes() == self.dump, what
            shutil.rmtree(into)
        done = outro("verify", out, "--quiet")
        self.ended((what, "verify"), done)
        assert done.returncode != 0, (what, done)  # at least the dead letter
        assert not finds or done.returncode in (1, 2), (what, done)
        assert before is None or tree(out) == before, (what, "was changed by reading it")

    def rebuild(self, what, out):
        """The packs are good, so the ledger comes back."""
        self.ended((what, "rebuild"), outro("rebuild", out))
        done = outro("extract", out, "--account", ACCOUNT, "--as", "dump")
        assert done.returncode == 0 and done.stdout == self.dump, (what, done)

    def change(self, sql, finds):
        out = self.copy()
        books = sqlite3.connect(out / "ledger.sqlite", isolation_level=None)
        try:
            books.executescript(sql)
        except sqlite3.DatabaseError:
            pass  # it did what it could before it saw its own damage
        books.close()
        for beside in ["-wal", "-shm", "-journal"]:
            (out / f"ledger.sqlite{beside}").unlink(missing_ok=True)
        self.look(sql, out, finds)
        self.rebuild(sql, out)

    def replace(self, name, make, rebuilds=True):
        out = self.copy()
        make(out / "ledger.sqlite")
        self.look(name, out, at_rest=False)
        if rebuilds:
            self.rebuild(name, out)

    def files_instead_of_a_ledger_are_answered(self):
        good = (self.work / "good" / "ledger.sqlite").read_bytes()

        def instead(make):
            return lambda path: (path.unlink(), make(path))

        for name, content in [("empty", b""), ("text", b"this is no database"), ("header", good[:100]), ("a page", good[:4096]),
                              ("half", good[:len(good) // 2]), ("zeros", bytes(len(good))), ("a tail", good[4096:]),
                              ("page size 1", good[:16] + b"\0\1" + good[18:]), ("many pages", good[:28] + b"\xff" * 4 + good[32:]),
                              ("free list", good[:32] + b"\0\0\0\2\x7f\xff\xff\xff" + good[40:]), ("encoding", good[:56] + b"\0\0\0\3" + good[60:])]:
            self.replace(name, lambda path, content=content: path.write_bytes(content))
        self.replace("a pipe", instead(os.mkfifo))
        self.replace("a device", instead(lambda path: path.symlink_to("/dev/zero")))
        self.replace("a link to nothing", instead(lambda path: path.symlink_to("nothing")))
        self.replace("a link to a file", instead(lambda path: path.symlink_to("/etc/passwd")))
        self.replace("a directory", instead(lambda path: path.mkdir()), rebuilds=False)
        self.replace("a hot journal", lambda path: Path(f"{path}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 600))
        self.replace("a log", lambda path: Path(f"{path}-wal").write_bytes(b"\x37\x7f\x06\x82\0\x2d\xe2\x18\0\0\x10\0" + b"\xff" * 5000))

    def nothing_waits_for_a_writer_that_never_comes(self):
        for name in ["lock", "SHA256SUMS", "summary.json"]:
            out = self.copy()
            (out / name).unlink()
            os.mkfifo(out / name)
            for command in [["verify", out, "--quiet"], ["list", out], ["extract", out, "--account", ACCOUNT, "--as", "dump"]]:
                self.ended((name, command), outro(*command))

    def blobs_of_a_gigabyte_are_answered(self):
        """Records that claim blobs of a gigabyte: the length of a payload, raised in every place where one may stand."""
        good = (self.work / "good" / "ledger.sqlite").read_bytes()
        for at in range(4096 * 3 - 900, len(good) - 9, 997):
            self.copy_with(good[:at] + b"\x83\xdc\xd6\x94\x80\0" + good[at + 6:], at)

    def copy_with(self, content, at):
        out = self.copy()
        (out / "ledger.sqlite").write_bytes(content)
        for command in [["list", out], ["list", out, "--accounts"], ["extract", out, "--account", ACCOUNT, "--as", "dump"]]:
            self.ended((at, command), outro(*command))


    def changes_by_sql_are_answered(self):
        for sql in HARMLESS + CHANGES:
            self.change(sql, sql not in HARMLESS)

    def nothing_is_written_outside(self):
        expect_equal((self.work / "canary").read_text(), "kept")
        expect_equal({p.name for p in self.work.iterdir()}, {"canary", "in.ndjson", "good", "out"})


def main():
    with scratch() as work:
        (work / "canary").write_text("kept")
        bench = Bench(work)
        promise(bench.changes_by_sql_are_answered)
        promise(bench.files_instead_of_a_ledger_are_answered)
        promise(bench.nothing_waits_for_a_writer_that_never_comes)
        promise(bench.blobs_of_a_gigabyte_are_answered)
        promise(bench.nothing_is_written_outside)
        print(f"{bench.tried} commands on crafted ledgers: {bench.refused} refused or found something, {bench.tried - bench.refused} were right")


main()
