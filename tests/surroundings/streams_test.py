#!/usr/bin/env python3
"""Streams and signals as others leave them: what is closed, full or goes away neither ends a job nor gets into its files."""
import contextlib
import itertools
import os
import signal
import subprocess

from testing.commands import check_code, export, export_words, outro, run, status_of, verify, words_of
from testing.dumps import generate
from testing.jobs import open_fifo, running
from testing.outputs import documents, expect_same
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch
from testing.waiting import PATIENCE


def ignoring(number):
    return lambda: signal.signal(number, signal.SIG_IGN)


def piped(dumps):
    return b"".join(path.read_bytes() for path in sorted(dumps.iterdir()))


def what_was_ignored_at_the_start_stays_ignored(work, dumps):
    """nohup ignores SIGHUP; a shell's & in a script ignores SIGINT."""
    for number in (signal.SIGHUP, signal.SIGINT):
        fifo, out = work / f"fifo{number}", work / f"ignored{number}"
        os.mkfifo(fifo)
        with running(*export_words(fifo, out, "--log", "json"), preexec_fn=ignoring(number)) as job:
            job.wait_for_log("WORKERS_READY")
            with open_fifo(fifo, job) as feed:
                job.send(number)
                feed.write(piped(dumps))
            job.end()


@contextlib.contextmanager
def gone():
    """A pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    try:
        yield write
    finally:
        os.close(write)


def with_streams(words, **streams):
    """With SIGPIPE as a shell leaves it, which Python does not."""
    return check_code(subprocess.run(words_of(words), timeout=PATIENCE, check=False, text=True,
                                     **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
                                     preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL)), None)


def a_reader_that_goes_away_changes_no_end(work, dumps, whole):
    with gone() as pipe:
        done = with_streams(export_words(dumps, work / "log-gone"), stderr=pipe)
        expect_equal(done.returncode, 0)
        expect_in("documents", done.stdout)
        expect_equal(with_streams(export_words(dumps, work / "summary-gone"), stdout=pipe).returncode, 0)
        expect_equal(with_streams(export_words(dumps, work / "both-gone"), stdout=pipe, stderr=pipe).returncode, 0)
        for out in ("log-gone", "summary-gone", "both-gone"):
            expect_same(whole, work / out)
            expect_equal(status_of(work / out)[1]["health"], "finished")
        expected = outro("verify", whole, code=None).returncode
        expect_equal(with_streams([OUTRO, "verify", whole], stdout=pipe, stderr=pipe).returncode, expected)
        lines = with_streams([OUTRO, "list", whole], stdout=pipe)
        expect_equal(lines.returncode, -signal.SIGPIPE)  # a list that nobody reads is nothing


def closed_streams_get_none_of_our_files(work, dumps, whole):
    for closed in itertools.chain.from_iterable(itertools.combinations(range(3), n) for n in (1, 2, 3)):
        out = work / "closed-{}".format("".join(map(str, closed)))
        export(dumps, out, preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
        expect_same(whole, out)
        verify(out)
        verify(out, preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
    done = run(*export_words("-", work / "no-input"), code=2, preexec_fn=lambda: os.close(0))
    expect_in("standard input (-) is closed", done.stderr)


def a_summary_that_cannot_be_written_is_told(work, dumps, whole):
    out = work / "full"
    for words, code in ((export_words(dumps, out, "--quiet"), 1), ([OUTRO, "status", whole], 1), ([OUTRO, "list", whole], 1),
                        ([OUTRO, "verify", whole, "--quiet"], 1), ([OUTRO, "--help"], 1),
                        ([OUTRO, "export", "--help"], 1), ([OUTRO, "--version"], 1)):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = with_streams(words, stdout=full)
        expect_equal(done.returncode, code, words)
        expect_in("standard output", done.stderr, words)
    expect_same(whole, out)
    expect_equal(status_of(out)[1]["health"], "finished")
    expect_in("documents", export(dumps, out, "--quiet").stdout)  # as the message says


def shell(script, *arguments, code=0):
    return run("bash", "-c", script, "bash", *arguments, code=code)


def two_pipes_of_a_shell_are_two_shards(work, dumps):
    shards = sorted(dumps.iterdir())
    first, second = work / "a", work / "b"
    lines = piped(dumps).splitlines(keepends=True)
    first.write_bytes(b"".join(lines[::2]))
    second.write_bytes(b"".join(lines[1::2]))
    assert shards and lines[1::2]
    out = work / "substituted"
    shell('"$0" export <(cat "$1") <(cat "$2") --out "$3" --quiet'.replace('"$0"', '"$4"'), first, second, out, OUTRO)
    expect_equal(len(documents(out)), len(lines))
    for script in ('cat "$1" | "$3" export - /dev/stdin --out "$2"', '"$3" export /dev/fd/5 /dev/fd/6 --out "$2" 5< <(cat "$1") 6<&5'):
        done = shell(script, first, work / "twice", OUTRO, code=2)
        expect_in("is named twice", done.stderr)


def waits_for(pid, fifo):
    """Has it open, or waits in the opening of it."""
    with contextlib.suppress(OSError):
        if "wait_for_partner" in open(f"/proc/{pid}/wchan", encoding="ascii").read():
            return True
        return any(os.path.realpath(f"/proc/{pid}/fd/{fd}") == os.path.realpath(fifo) for fd in os.listdir(f"/proc/{pid}/fd"))
    return False


def a_pipe_that_nobody_fills_holds_no_signal_up(work, dumps):
    fifo, out = work / "empty", work / "waited"
    os.mkfifo(fifo)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)):
        with running(*export_words(fifo, out, "--log", "json")) as job:
            job.wait_for(lambda: waits_for(job.pid, fifo), "its wait for a writer")
            job.send(number)
            said = job.end(code=code).stderr
        assert "Interrupted" not in said, said
    with running(*export_words(fifo, out, "--log", "json")) as job:
        job.wait_for_log("WORKERS_READY")
        with open_fifo(fifo, job) as feed:
            feed.write(piped(dumps))
        job.end()


def main():
    with scratch() as work:
        dumps, whole = generate(work, 200), work / "whole"
        export(dumps, whole, "--quiet")
        promise(what_was_ignored_at_the_start_stays_ignored, work, dumps)
        promise(a_reader_that_goes_away_changes_no_end, work, dumps, whole)
        promise(closed_streams_get_none_of_our_files, work, dumps, whole)
        promise(a_summary_that_cannot_be_written_is_told, work, dumps, whole)
        promise(two_pipes_of_a_shell_are_two_shards, work, dumps)
        promise(a_pipe_that_nobody_fills_holds_no_signal_up, work, dumps)


if __name__ == "__main__":
    main()
