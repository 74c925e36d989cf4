#!/usr/bin/env python3
"""Memory stays under --memory plus 8 times the largest document, whatever that document is made of."""
import os
import struct
import subprocess
import tempfile

from testing import hostile_shapes
from testing.commands import export, export_words, listed, shown, words_of
from testing.peak import run_measured
from testing.programs import OUTRO, SANITIZED
from testing.promises import expect_equal, promise, skip
from testing.scratch import scratch

MIB = 1 << 20


def peak_of(words, code):
    """Bytes, of a command that ends with this exit code, or one of these."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        ended, peak = run_measured(words_of(words), stdout=said, stderr=complained)
        said.seek(0)
        complained.seek(0)
        done = subprocess.CompletedProcess(words_of(words), ended, said.read(), complained.read())
    assert done.returncode in (code if isinstance(code, tuple) else (code,)), shown(done)
    return peak


def expect_bounded(peak, memory, largest, what):
    bound = memory + 8 * largest
    print(f"{what}: peak {peak / 1e6:.0f} MB, bound {bound / 1e6:.0f} MB", flush=True)
    assert peak <= bound, f"{what}: peak {peak:,}, bound {bound:,}"


def one_hostile_document_keeps_to_the_bound(work, shape, size):
    """It is archived, or a dead letter with a reason; verify keeps to the bound as well."""
    memory, out = 128 * MIB, work / "out"
    length = hostile_shapes.write(work / "in.ndjson", shape, size)
    options = ("--memory", str(memory), "--threads", "1", "--quiet")
    peak = peak_of(export_words(work / "in.ndjson", out, *options), (0, 3))
    expect_bounded(peak, memory, length, f"export, {shape}, {length / 1e6:.1f} MB")
    peak = peak_of([OUTRO, "verify", out, *options, "--against", work / "in.ndjson", "--accept-dead-letters"], 0)
    expect_bounded(peak, memory, length, f"verify, {shape}, {length / 1e6:.1f} MB")
    letters = [d["reason"] for d in listed(out, "--dead-letters")]
    assert letters in ([], ["TOO_LARGE"]), letters
    if not letters:
        peak = peak_of([OUTRO, "extract", out, "--account", "1", "--as", "dump", "--to", work / "dump"], 0)
        expect_bounded(peak, memory, length, f"extract, {shape}")
        expect_equal((work / "dump").read_bytes(), (work / "in.ndjson").read_bytes()[:-1])
    return letters


def what_is_too_large_does_not_depend_on_the_machine(work):
    """The same packs and dead letters whatever --memory and --threads, which may change between two processes."""
    folder = work / "same"
    folder.mkdir()
    for i, (shape, size) in enumerate([("playlists of one entry", 200_000), ("playlists of one entry", 2_000_000),
                                       ("favourites of one digit", 2_000_000), ("empty playlists", 9_000_000)]):
        hostile_shapes.write(folder / f"{i}.ndjson", shape, size)
    made = {}
    for memory, threads in (("80M", 1), ("2G", 4)):
        out = work / f"same-{threads}"
        export(folder, out, "--memory", memory, "--threads", threads, "--quiet", code=3)
        made[threads] = {p.relative_to(out): p.read_bytes() for sub in ("packs", "dead-letters") for p in (out / sub).iterdir()}
    expect_equal(sorted(made[1]), sorted(made[4]))
    assert made[1] == made[4]
    expect_equal(sorted(d["reason"] for d in listed(work / "same-1", "--dead-letters")), ["TOO_LARGE"] * 3)


def with_window(path, size):
    """A frame with a window of 128 MiB that fills it with line feeds, and a large skippable frame behind it."""
    lines = subprocess.Popen(["sh", "-c", f"head -c {size} /dev/zero | tr '\\0' '\\n'"], stdout=subprocess.PIPE)
    with open(path, "wb") as file:
        subprocess.run(["zstd", "-q", "--long=27", "-3"], stdin=lines.stdout, stdout=file, check=True)
        file.write(struct.pack("<II", 0x184D2A50, 16 * MIB))
        file.truncate(file.tell() + 16 * MIB)


def windows_of_shards_count(work):
    """Eight shards in flight whose frames want 128 MiB each, with a budget that has room for one."""
    memory, folder = 256 * MIB, work / "windows"
    folder.mkdir()
    with_window(folder / "0.ndjson.zst", 200 * MIB)
    for i in range(1, 8):
        os.link(folder / "0.ndjson.zst", folder / f"{i}.ndjson.zst")
    (folder / "z.ndjson").write_text('{"userId":1}\n')
    options = ("--memory", str(memory), "--threads", "8", "--quiet")
    peak = peak_of(export_words(folder, work / "w-out", *options, "--shards-in-flight", "8"), 0)
    expect_bounded(peak, memory, 12, "8 windows of 128 MiB")
    peak = peak_of([OUTRO, "verify", work / "w-out", *options, "--against", folder], 0)
    expect_bounded(peak, memory, 12, "8 windows of 128 MiB, verified")


def check_whole_way(work, what, folder, memory, largest, exporting=()):
    """Export, verify and verify --against keep to the bound. Returns the output directory."""
    out = work / f"{folder.name}-out"
    options = ("--memory", str(memory), "--threads", "8", "--quiet")
    accept = ("--accept-dead-letters",)
    peak = peak_of(export_words(folder, out, *options, *exporting, "--shards-in-flight", "8"), (0, 3))
    expect_bounded(peak, memory, largest, f"{what}, export")
    expect_bounded(peak_of([OUTRO, "verify", out, *options, *accept], 0), memory, largest, f"{what}, verify")
    peak = peak_of([OUTRO, "verify", out, *options, "--against", folder, *accept], 0)
    expect_bounded(peak, memory, largest, f"{what}, verify --against")
    return out


def hostile_documents_on_many_threads_keep_to_the_bound(work, name, shapes):
    """24 of them with 8 threads; so does a delta of them, in which nothing has changed but what is new."""
    folder, memory = work / f"many-{name}", 192 * MIB
    largest = hostile_shapes.write_many(folder, shapes, 24, 3_000_000)
    out = check_whole_way(work, f"24 documents of 3 MB, {name}", folder, memory, largest)
    hostile_shapes.write_many(work / f"newer-{name}", shapes[::-1], 24, 3_000_000)
    options = ("--memory", str(memory), "--threads", "8", "--quiet")
    peak = peak_of(export_words(work / f"newer-{name}", out, *options), (0, 3))
    expect_bounded(peak, memory, largest, f"24 documents of 3 MB, {name}, delta")


def records_of_tiny_documents_count(work):
    """Eight units at once of documents of two bytes, each of which has a record and a dead letter."""
    memory, many = 256 * MIB, work / "many-tiny"
    hostile_shapes.write_tiny(many, 8, 400_000)
    options = ("--memory", str(memory), "--threads", "8", "--quiet", "--shards-in-flight", "8", "--ignore-preflight")
    peak = peak_of(export_words(many, work / "many-tiny-out", *options), 3)
    expect_bounded(peak, memory, 2, "8 shards of 400,000 documents of two bytes, export")
    # Fewer for the whole way: to read three million dead letters takes minutes.
    folder = work / "tiny"
    hostile_shapes.write_tiny(folder, 8, 60_000)
    # By what a frame of a few bytes holds, preflight expects a ledger of hundreds of gigabytes.
    check_whole_way(work, "8 shards of 60,000 documents of two bytes", folder, memory, 2, exporting=("--ignore-preflight",))


def main():
    if SANITIZED:
        skip("a sanitizer's memory is not the program's")
    with scratch() as work:
        archived = 0
        for shape in hostile_shapes.SHAPES:
            for size in (1_000_000, 24_000_000):
                folder = work / f"{len(list(work.iterdir()))}"
                folder.mkdir()
                archived += not promise(one_hostile_document_keeps_to_the_bound, folder, shape, size)
        assert archived >= len(hostile_shapes.SHAPES), f"only {archived} were archived"
        promise(what_is_too_large_does_not_depend_on_the_machine, work)
        promise(windows_of_shards_count, work)
        promise(hostile_documents_on_many_threads_keep_to_the_bound, work, "all shapes", list(hostile_shapes.SHAPES))
        for shape in ("favourites that are an id", "tracks of one id", "suspect playlists"):
            promise(hostile_documents_on_many_threads_keep_to_the_bound, work, shape, [shape])
        promise(records_of_tiny_documents_count, work)


if __name__ == "__main__":
    main()
