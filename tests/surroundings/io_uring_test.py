#!/usr/bin/env python3
"""io_uring is used where a whole operation of it works, and nowhere else."""
import os
import resource

from testing.commands import export, json_lines, run
from testing.dumps import generate
from testing.limits import IO_URING_ENTER, NOBODYS_UID, denying
from testing.outputs import expect_same
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch


def workers_line(done):
    return next(line for line in json_lines(done.stderr) if line["id"] == "WORKERS_READY")


def a_filter_that_allows_the_setup_alone_gives_threads_and_the_reason(work, dumps, whole):
    """Asio would wait for ever for the answer to a read that was never asked for."""
    out = work / "filtered"
    line = workers_line(export(dumps, out, "--log", "json", timeout=300, preexec_fn=denying(IO_URING_ENTER)))
    expect_equal(line["io"], "threads")
    expect_in("io_uring_enter: Operation not permitted", line["message"])
    expect_same(whole, out)


def asked_for_by_name_it_is_refused_with_the_reason(work, dumps):
    out = work / "asked"
    done = export(dumps, out, "--io", "uring", code=2, timeout=300, preexec_fn=denying(IO_URING_ENTER))
    expect_in("io_uring_enter: Operation not permitted", done.stderr)
    expect_in("use --io threads or --io auto", done.stderr)
    assert not out.exists()
    export(dumps, out, "--io", "threads", "--quiet", preexec_fn=denying(IO_URING_ENTER))


def without_locked_memory_it_works_one_way_or_the_other(work, dumps, whole):
    """Kernels before 5.12 count the ring of a user who is not root against the limit of locked memory; later ones do not."""
    folder = work / "of-nobody"
    folder.mkdir()
    os.chown(folder, NOBODYS_UID, NOBODYS_UID)

    def begin():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        os.setgroups([])
        os.setresgid(NOBODYS_UID, NOBODYS_UID, NOBODYS_UID)
        os.setresuid(NOBODYS_UID, NOBODYS_UID, NOBODYS_UID)
    line = workers_line(export(dumps, folder / "out", "--log", "json", timeout=300, preexec_fn=begin))
    assert line["io"] == "io_uring" or "ulimit -l" in line["whyNoUring"], line
    expect_same(whole, folder / "out")


def main():
    with scratch() as work:
        dumps = generate(work, 200)
        whole = work / "whole"
        export(dumps, whole, "--quiet")
        promise(a_filter_that_allows_the_setup_alone_gives_threads_and_the_reason, work, dumps, whole)
        promise(asked_for_by_name_it_is_refused_with_the_reason, work, dumps)
        if os.geteuid() != 0:
            skip("a limit of locked memory for another user needs root")
        run("chmod", "-R", "a+rX", work)
        promise(without_locked_memory_it_works_one_way_or_the_other, work, dumps, whole)


if __name__ == "__main__":
    main()
