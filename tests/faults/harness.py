"""What the fault drivers share: dumps, exports, the comparison with an uninterrupted run, the file-system double, and
the counts that the README's table is made from."""
import argparse
import contextlib
import filecmp
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SKIPPED = 77
ENGINES = ("uring", "threads")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def arguments(description, **more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--outro", required=True)
    parser.add_argument("--generate", required=True)
    parser.add_argument("--lossy-fs", default="none", help="the file-system double")
    parser.add_argument("--results", help="folder for the counts")
    parser.add_argument("--long", action="store_true", help="everything, not a sample")
    parser.add_argument("--sanitized", action="store_true", help="a sanitizer's build: its memory is not measured, and samples are smaller")
    for name, (kind, default, text) in more.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind, default=default, help=text)
    args = parser.parse_args()
    if args.sanitized and "sample" in args:
        args.sample = max(2, args.sample // 2)  # each of them takes ten times as long
    return args


class Counts:
    """How often each fault was tried, and what it cost; written to RESULTS/DRIVER.json at the end."""

    def __init__(self, args):
        self.driver = Path(sys.argv[0]).stem.removesuffix("_test")
        self.results = Path(args.results) if args.results else None
        self.rows = {}

    def add(self, fault, injected, tried=1, lost=0, doubled=0, redone=0, outcome=""):
        row = self.rows.setdefault((fault, injected), {"fault": fault, "injected": injected, "tried": 0, "lost": 0,
                                                       "doubled": 0, "slicesRedone": 0, "outcome": outcome})
        row["tried"] += tried
        row["lost"] += lost
        row["doubled"] += doubled
        row["slicesRedone"] += redone

    def write(self):
        for row in self.rows.values():
            print(f"{row['fault']} ({row['injected']}): tried {row['tried']}, documents lost {row['lost']}, "
                  f"doubled {row['doubled']}, slices redone {row['slicesRedone']}")
        if self.results:
            self.results.mkdir(parents=True, exist_ok=True)
            (self.results / f"{self.driver}.json").write_text(json.dumps(list(self.rows.values()), indent=1) + "\n")


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory(prefix="outro-faults-") as folder:
        yield Path(folder)


def generate(args, out, accounts, *more):
    subprocess.run([args.generate, "--out", str(out), "--accounts", str(accounts), *map(str, more)], check=True,
                   capture_output=True)
    return out / "dumps"


def pad(dumps):
    """Blank lines at the end make each shard large enough to be a unit of its own, so that units run side by side."""
    for shard in dumps.iterdir():
        with open(shard, "ab") as file:
            file.write(b"\n" * max(0, (16 << 20) - file.tell()))
    return dumps


def command(args, dumps, out, *more):
    dumps = dumps if isinstance(dumps, (list, tuple)) else [dumps]
    return [args.outro, "export", *map(str, dumps), "--out", str(out), "--quiet", "--catalogue", *map(str, more)]


# Long enough for a machine that stands still for a while: only what hangs for ever is to fail here.
PATIENCE = 1800


def run(words, timeout=PATIENCE, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False, **more)


def complaint(done, path=None):
    """The one line that a failed command said; `path`: what it must name."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("outro: ")]
    assert len(lines) == 1, f"not one message: {done.stderr!r}"
    assert path is None or str(path) in lines[0], f"{path} is not named: {lines[0]}"
    assert ";" in lines[0], f"no remedy: {lines[0]}"
    return lines[0]


COLUMNS = ("run, unit, slice, idx, account, exported_at, digest, content, outcome, reason, proven, shard, offset, line, "
           "length, stored_offset, stored_bytes")


def rows(out):
    ledger = sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)
    with contextlib.closing(ledger):
        return ledger.execute(f"select {COLUMNS} from documents order by run, unit, slice, idx").fetchall()


def lost_and_doubled(whole, out):
    """By place in the input: documents that an uninterrupted run has and this one does not, and the other way."""
    def places(folder):
        return Counter((r[0], r[1], r[11], r[12], r[8]) for r in rows(folder))
    expected, found = places(whole), places(out)
    return sum((expected - found).values()), sum((found - expected).values())


def assert_same(whole, out, beside=()):
    """Byte for byte what an uninterrupted run leaves: files and document table. `beside`: names that may be left over."""
    for folder in ("packs", "dead-letters", "catalogue"):
        if not (whole / folder).exists():
            assert not (out / folder).exists()
            continue
        # Which part of the catalogue describes a track depends on who saw it first; what is merged does not.
        names = sorted(set(os.listdir(whole / folder)) - {"parts"})
        assert names == sorted(set(os.listdir(out / folder)) - {"parts"}), (names, sorted(os.listdir(out / folder)))
        _, different, failed = filecmp.cmpfiles(whole / folder, out / folder, names, shallow=False)
        assert not different and not failed, (different, failed)
    assert rows(whole) == rows(out), "the document tables differ"
    left = set(os.listdir(out)) - set(beside)
    assert set(os.listdir(whole)) == left, (os.listdir(whole), left)


def assert_claims_hold(out):
    """Nothing that the ledger claims may be missing: every slice has its pack and its dead letters, whole."""
    path = out / "ledger.sqlite"
    if not path.exists():
        return 0
    ledger = sqlite3.connect(path)
    with contextlib.closing(ledger):
        try:
            slices = ledger.execute("select run, unit, slice, pack_bytes, letters_bytes from slices").fetchall()
        except sqlite3.OperationalError as error:
            assert "no such table" in str(error), error
            return 0
        assert ledger.execute("pragma integrity_check").fetchone() == ("ok",)
    for r, u, s, pack, letters in slices:
        name = f"r{r:04}-u{u:06}-s{s:04}"
        assert (out / "packs" / f"{name}.tar.zst").stat().st_size == pack, name
        if letters:
            assert (out / "dead-letters" / f"{name}.ndjson.zst").stat().st_size == letters, name
    return len(slices)


def verify(args, out, against=None, expect=(0,)):
    words = [args.outro, "verify", str(out), "--quiet", "--accept-dead-letters"]
    if against is not None:
        words += ["--against", *map(str, against if isinstance(against, (list, tuple)) else [against])]
    done = run(words)
    assert done.returncode in expect, done.stdout + done.stderr
    return done


class LossyFs:
    """The file-system double, mounted at `at`."""

    def __init__(self, binary, folder):
        self.at = folder / "mnt"
        self.at.mkdir()
        self.socket = folder / "control"
        # Where two are alike, the shorter path: a socket's name has room for 107 bytes.
        self.process = subprocess.Popen([binary, str(self.at), str(self.socket)])

    def wait(self):
        while not self.socket.exists():
            if self.process.poll() is not None:
                return False
            time.sleep(0.01)
        return True

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self.socket))
            peer.sendall(line.encode() + b"\n")
            answer = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
        lines = answer.splitlines()
        assert lines and lines[-1] == "ok", (line, answer)
        return lines[:-1]

    def counts(self):
        return {kind: int(n) for kind, n in (line.split() for line in self.ask("counts"))}

    def wipe(self):
        """Empties it, for good: no power cut brings anything back."""
        self.ask("clear")
        for path in self.at.iterdir():
            shutil.rmtree(path)
        root = os.open(self.at, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(root)
        os.close(root)

    def close(self):
        try:
            self.ask("quit")
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
            subprocess.run(["umount", "-l", str(self.at)], capture_output=True, check=False)


@contextlib.contextmanager
def lossy_fs(args, folder):
    if args.lossy_fs == "none" or not os.path.exists(args.lossy_fs):
        skip("built without libfuse3")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        skip("/dev/fuse cannot be opened")
    fs = LossyFs(args.lossy_fs, folder)
    try:
        if not fs.wait():
            skip("this machine lets no FUSE file system be mounted")
        yield fs
    finally:
        fs.close()


def has_uring(args, dumps, folder):
    done = run(command(args, dumps, folder / "uring-try", "--io", "uring"))
    return done.returncode != 2


def engines(args, dumps, folder):
    return ENGINES if has_uring(args, dumps, folder) else ENGINES[1:]


def spread(n, most):
    """At most `most` of the numbers 1 to n, evenly, both ends among them."""
    if n <= most:
        return list(range(1, n + 1))
    return sorted({1 + round(i * (n - 1) / (most - 1)) for i in range(most)})
