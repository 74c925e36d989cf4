"""What an output directory holds, and whether two are the same."""
import contextlib
import filecmp
import os
import sqlite3
from collections import Counter

from testing.commands import run
from testing.promises import expect_equal

COLUMNS = ("run, unit, slice, idx, account, exported_at, digest, content, outcome, reason, proven, shard, offset, line, "
           "length, stored_offset, stored_bytes")


def query(out, sql, *values):
    with contextlib.closing(sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)) as ledger:
        return ledger.execute(sql, values).fetchall()


def documents(out, columns=COLUMNS):
    """The document table, in order."""
    return query(out, f"select {columns} from documents order by run, unit, slice, idx")


def pack_paths(out):
    """Of slices that are durable."""
    return sorted(out.glob("packs/*.tar.zst"))


def packs(out):
    """The content of every pack, by name."""
    return {path.name: path.read_bytes() for path in (out / "packs").iterdir()}


def bytes_of(folder):
    """How much lies in it at the moment, half-written files too; it may change meanwhile."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(parent, name)).st_size
    return size


def check_sums(out):
    """Every file that SHA256SUMS names is what it says."""
    run("sha256sum", "-c", "--quiet", "SHA256SUMS", cwd=out)


def lost_and_doubled(whole, out):
    """By place in the input: documents that an uninterrupted run has and this one does not, and the other way."""
    def places(folder):
        return Counter(documents(folder, "run, unit, shard, offset, outcome"))
    expected, found = places(whole), places(out)
    return sum((expected - found).values()), sum((found - expected).values())


def expect_same_files(whole, out, folder):
    # Which part of the catalogue describes a track depends on who saw it first; what is merged does not.
    names = sorted(set(os.listdir(whole / folder)) - {"parts"})
    expect_equal(sorted(set(os.listdir(out / folder)) - {"parts"}), names, folder)
    _, different, failed = filecmp.cmpfiles(whole / folder, out / folder, names, shallow=False)
    assert not different and not failed, (folder, different, failed)


def expect_same(whole, out, beside=()):
    """Byte for byte what an uninterrupted run leaves: files and document table. `beside`: names that may be left over."""
    for folder in ("packs", "dead-letters", "catalogue"):
        if (whole / folder).exists():
            expect_same_files(whole, out, folder)
        else:
            assert not (out / folder).exists(), folder
    expect_equal(documents(out), documents(whole), "the document tables")
    expect_equal(sorted(set(os.listdir(out)) - set(beside)), sorted(os.listdir(whole)), "the files")


def claimed_slices(out):
    """How many slices the ledger claims. Nothing that it claims may be missing: every slice has its pack and its dead
    letters, whole."""
    path = out / "ledger.sqlite"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path)) as ledger:
        try:
            slices = ledger.execute("select run, unit, slice, pack_bytes, letters_bytes from slices").fetchall()
        except sqlite3.OperationalError as error:
            assert "no such table" in str(error), error
            return 0
        expect_equal(ledger.execute("pragma integrity_check").fetchone(), ("ok",))
    for r, u, s, pack, letters in slices:
        name = f"r{r:04}-u{u:06}-s{s:04}"
        expect_equal((out / "packs" / f"{name}.tar.zst").stat().st_size, pack, name)
        if letters:
            expect_equal((out / "dead-letters" / f"{name}.ndjson.zst").stat().st_size, letters, name)
    return len(slices)
