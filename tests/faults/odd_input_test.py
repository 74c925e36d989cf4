#!/usr/bin/env python3
"""Input that is not what it should be: each has one defined answer, within the memory that was promised.

Decompression bombs, endless lines, NUL bytes, byte-order marks, CRLF, empty, unreadable, misnamed and pretty-printed files,
pipes. The bound is --memory plus 8 times the largest document that is accepted."""
import os
import resource
import shutil
import stat
import subprocess
import tempfile

from counts import Counts
from driver import arguments, export, export_words, verify
from testing import outputs
from testing.commands import complaint, outro, run, shown, words_of
from testing.jobs import open_fifo, running
from testing.programs import OUTRO, SANITIZED
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

MEMORY = 256 << 20
OPTIONS = ("--threads", "2", "--memory", str(MEMORY))


def good(account, extra=""):
    return f'{{"userId":{account},"exportedAt":1611800000000{extra}}}'.encode()


def documents(out):
    return outputs.documents(out, "account, outcome, reason, length, proven")


def measured(words, stdin=None):
    """As run with any exit code, and the peak of memory in bytes."""
    words = words_of(words)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        process = subprocess.Popen(words, stdin=stdin, stdout=said, stderr=complained)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (said, complained):
            file.seek(0)
        done = subprocess.CompletedProcess(words, process.returncode, said.read().decode(), complained.read().decode())
    return done, usage.ru_maxrss * 1024


class Cases:
    def __init__(self, work, counts):
        self.work, self.counts = work, counts
        self.number = 0

    def export(self, files, code, *options, name=None):
        """Exports a folder of these files; returns what was said and where it went."""
        self.number += 1
        folder = self.work / f"in{self.number}"
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        out = self.work / f"out{self.number}"
        return export(folder / name if name else folder, out, *OPTIONS, *options, code=code), out, folder

    def count(self, fault, outcome, tried=1):
        self.counts.add(fault, "made by the test", tried, outcome=outcome)

    def compressed(self, name, writer, level="-1"):
        """A .zst shard of what `writer` writes to a pipe."""
        path = self.work / name
        with open(path, "wb") as file:
            zstd = subprocess.Popen(["zstd", "-q", "-c", level, "--check", "-T1"], stdin=subprocess.PIPE, stdout=file)
            writer(zstd.stdin)
            zstd.stdin.close()
            assert zstd.wait() == 0
        return path

    def big(self, shard, code, reason, largest, fault, outcome, *options):
        out = self.work / "big"
        done, peak = measured(export_words(shard, out, *OPTIONS, *options))
        bound = MEMORY + 8 * largest
        print(f"{fault}: exit {done.returncode}, peak {peak >> 20} MiB, bound {bound >> 20} MiB, "
              f"input {shard.stat().st_size if shard.is_file() else 0} bytes", flush=True)
        assert done.returncode == code, shown(done)
        assert peak <= bound or SANITIZED, (peak, bound)
        if reason:
            expect_in(reason, done.stdout)
            verify(out)
        self.count(fault, outcome)
        shutil.rmtree(out)
        return done


def repeated(text, size):
    block = text * max(1, (1 << 20) // len(text))

    def write(pipe):
        for _ in range(size // len(block)):
            pipe.write(block)
    return write


def bombs_stay_within_the_memory(c, args):
    size = (12 << 30) if args.long else (1 << 30)
    largest = 16 << 20
    limit = ("--max-document", "16M")
    bomb = c.compressed("zeros.ndjson.zst", repeated(b"\0" * (1 << 20), size))
    c.big(bomb, 3, "TOO_LARGE", largest, f"a decompression bomb: {size >> 30} GiB of zeros in one line",
          "a dead letter, within the memory bound", *limit)
    bomb.unlink()
    # As many documents as fit: none of them holds more than its share, and a slice ends after 50,000. ThreadSanitizer takes
    # ten minutes to verify so many, so that it gets half of them.
    size = (6 << 20) if args.long else (1 << 20) if SANITIZED else (2 << 20)
    tiny = c.compressed("tiny.ndjson.zst", repeated(b"{}\n", size))
    c.big(tiny, 3, "ID_MISSING", 1 << 10, f"a bomb of {size // 3:,} documents of two bytes", "dead letters, within the memory bound")
    tiny.unlink()
    blank = c.compressed("blank.ndjson.zst", repeated(b"\n", 2 << 30 if args.long else 256 << 20))
    c.big(blank, 0, None, 1 << 10, "a bomb of blank lines", "counted, within the memory bound")
    blank.unlink()

    def line(pipe):
        pipe.write(b'{"userId":7,"x":"')
        repeated(b"abcdefghijklmnop", (3 << 30) if args.long else (300 << 20))(pipe)
        pipe.write(b'"}\n' + good(8) + b"\n")
    shard = c.compressed("line.ndjson.zst", line)
    done = c.big(shard, 3, "TOO_LARGE", largest, f"a line of {'3 GB' if args.long else '300 MB'}",
                 "a dead letter; what follows is exported", *limit)
    assert "1 written" in done.stdout, done
    shard.unlink()
    # A document of the largest size is accepted, and bounded all the same.
    size = (512 << 20) if args.long else (64 << 20)

    def document(pipe):
        pipe.write(b'{"userId":9,"x":"')
        repeated(b"abcdefghijklmnop", size - (1 << 20))(pipe)
        pipe.write(b'"}\n')
    shard = c.compressed("large.ndjson.zst", document)
    done = c.big(shard, 0, "1 written", size, f"a document of {size >> 20} MiB", "exported, within the memory bound")
    shard.unlink()


def an_endless_line_is_kept_piece_by_piece(c, args):
    """A pipe that sends no line feed, and goes on for long: kept as a dead letter piece by piece."""
    fifo = c.work / "endless"
    os.mkfifo(fifo)
    size = (3 << 30) if args.long else (200 << 20)
    feeder = subprocess.Popen(["sh", "-c", f"head -c {size} /dev/zero | tr '\\0' x > {fifo}"])
    c.big(fifo, 3, "TOO_LARGE", 16 << 20, "a line without end, from a pipe", "a dead letter, within the memory bound",
          "--max-document", "16M")
    feeder.wait()


def odd_bytes_have_one_answer_each(c):
    _, out, _ = c.export({"a.ndjson": good(1) + b"\n" + b"\0\0\0\n" + good(2, ',"x":"\0"') + b"\n" + good(3)}, 3)
    assert [(d[0], d[1], d[2]) for d in documents(out)] == [("1", 0, 0), ("", 2, 1), ("", 2, 1), ("3", 0, 0)], documents(out)
    c.count("NUL bytes", "a dead letter, MALFORMED")

    mark = b"\xef\xbb\xbf"
    _, out, folder = c.export({"a.ndjson": mark + good(1) + b"\n", "b.ndjson": mark, "c.ndjson": mark + b"\n" + good(2)}, 0)
    assert [d[0] for d in documents(out)] == ["1", "2"]
    verify(out, folder)
    c.count("a byte-order mark at a shard's start", "counted, no part of the document", 3)
    _, out, _ = c.export({"a.ndjson": good(1) + b"\n" + mark + good(2) + b"\n"}, 3)
    assert [d[1] for d in documents(out)] == [0, 2]
    c.count("a byte-order mark elsewhere", "a dead letter, MALFORMED")

    _, out, folder = c.export({"a.ndjson": good(1) + b"\r\n" + b"\r\n" + good(2) + b"\r\n"}, 0)
    assert [d[3] for d in documents(out)] == [len(good(1)) + 1] * 2, documents(out)
    verify(out, folder)
    dump = outro("extract", out, "--account", "1", "--as", "dump")
    assert dump.stdout == good(1).decode() + "\r" or dump.stdout == good(1).decode() + "\n", repr(dump.stdout)
    c.count("CRLF line ends", "exported; the CR stays part of the dump")

    _, out, folder = c.export({"a.ndjson": b"", "b.ndjson": good(1) + b"\n", "c.ndjson": b"\n\n"}, 0)
    assert [d[0] for d in documents(out)] == ["1"]
    verify(out, folder)
    c.count("an empty shard", "nothing to do, exit 0", 2)
    done, out, _ = c.export({"a.ndjson.zst": b"", "b.ndjson": good(1) + b"\n"}, 3)
    assert "not such a file" in done.stdout and len(documents(out)) == 1, done
    c.count("a compressed shard of no bytes", "a damaged shard, exit 3")
    done, out, folder = c.export({"a.ndjson.zst": good(2) + b"\n", "b.ndjson": good(1) + b"\n"}, 2)
    complaint(done, folder / "a.ndjson.zst")
    assert not out.exists()
    c.count("a plain file that is named .zst", "refused before any work, exit 2")
    done, out, _ = c.export({"a.ndjson.zst": b"\xff" + b"x" * 100, "b.ndjson": good(1) + b"\n"}, 3)
    assert "not such a file" in done.stdout and len(documents(out)) == 1, done
    c.count("a .zst that does not begin as one", "a damaged shard, exit 3")

    _, out, _ = c.export({"a.ndjson": good(1) + b"\n" + good(2)[:-9]}, 3)
    assert [d[1] for d in documents(out)] == [0, 2]
    c.count("a plain shard that is cut off", "a dead letter, MALFORMED")
    _, out, _ = c.export({"a.ndjson": good(1)}, 0)
    assert len(documents(out)) == 1
    c.count("no line feed at the end", "exported")


def export_from_pipe(fifo, text, out, code):
    with running(*export_words(fifo, out, *OPTIONS)) as job:
        with open_fifo(fifo, job) as pipe:
            pipe.write(text)
        return job.end(code)


def pretty_printed_files_are_refused(c):
    text = b'{\n  "userId": 1,\n  "exportedAt": 1611800000000\n}\n'
    done, out, folder = c.export({"a.ndjson": text, "b.ndjson": good(2)}, 2)
    assert "pretty-printed" in complaint(done, folder / "a.ndjson") and not out.exists()
    c.count("a pretty-printed file", "refused before any work, exit 2, with a hint")
    fifo, out = c.work / "pretty", c.work / "pretty-out"
    os.mkfifo(fifo)
    expect_in("PRETTY_PRINTED", export_from_pipe(fifo, text, out, code=3).stdout)
    expect_equal(documents(out), [])
    c.count("a pretty-printed file from a pipe", "a damaged shard, exit 3")


def a_pipe_is_exported_as_a_file_is(c):
    fifo, out = c.work / "pipe", c.work / "pipe-out"
    os.mkfifo(fifo)
    text = b"".join(good(i) + b"\n" for i in range(1000))
    export_from_pipe(fifo, text, out, code=0)
    expect_equal(len(documents(out)), 1000)
    c.count("a FIFO", "exported")
    # The same bytes from standard input, from a file: the same pack.
    _, plain, _ = c.export({"a.ndjson": text}, 0)
    pack = "packs/r0001-u000001-s0001.tar.zst"
    assert (plain / pack).stat().st_size == (out / pack).stat().st_size
    (c.work / "folder").mkdir()
    export(c.work / "folder", c.work / "nothing", *OPTIONS, code=2)
    assert not (c.work / "nothing").exists()
    c.count("a folder without files", "refused before any work, exit 2")


def an_unreadable_file_is_refused(c):
    """Root reads everything, so this runs as nobody where it can."""
    with scratch() as box:
        binary = box / "outro"
        shutil.copy(OUTRO, binary)
        (box / "in").mkdir()
        (box / "in" / "a.ndjson").write_bytes(good(1) + b"\n")
        secret = box / "in" / "b.ndjson"
        secret.write_bytes(good(2) + b"\n")
        secret.chmod(0)
        words = [binary, "export", box / "in", "--out", box / "out", "--quiet"]
        if os.geteuid() == 0:
            for path in (box, box / "in"):
                path.chmod(0o777)
            (box / "in" / "a.ndjson").chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
            if not shutil.which("setpriv"):
                print("unreadable file: no setpriv here; left out")
                return
        complaint(run(*words, code=2), secret)
        assert not (box / "out").exists()
        c.count("an unreadable file", "refused before any work, exit 2, path named")


def main():
    args = arguments(__doc__)
    counts = Counts(args.results)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with scratch() as work:
        c = Cases(work, counts)
        promise(odd_bytes_have_one_answer_each, c)
        promise(pretty_printed_files_are_refused, c)
        promise(a_pipe_is_exported_as_a_file_is, c)
        promise(an_unreadable_file_is_refused, c)
        promise(an_endless_line_is_kept_piece_by_piece, c, args)
        promise(bombs_stay_within_the_memory, c, args)
    counts.write()


main()
