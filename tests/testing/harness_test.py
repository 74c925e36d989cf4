#!/usr/bin/env python3
"""That the tests' own harness fails where it should, and says why."""
import os

from testing.commands import run
from testing.jobs import running
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch
from testing.waiting import wait_until


def complaint_of(call):
    try:
        call()
    except AssertionError as error:
        return str(error)
    raise RuntimeError("it did not fail")


def a_vain_wait_says_what_it_waited_for():
    expect_in("in vain: a miracle", complaint_of(lambda: wait_until(lambda: False, "a miracle", seconds=0)))


def a_wrong_exit_code_shows_what_was_said():
    said = complaint_of(lambda: run("sh", "-c", "echo out; echo err >&2; exit 7"))
    for part in ("exit 7, expected 0", "stdout: out", "stderr: err", "echo out"):
        expect_in(part, said)


def a_job_that_ends_too_early_is_told():
    with running("sh", "-c", "echo bye; exit 5") as job:
        said = complaint_of(lambda: job.wait_for(lambda: False, "more"))
    expect_in("ended before more", said)
    expect_in("exit 5", said)


def a_job_is_killed_when_its_test_fails():
    try:
        with running("sleep", "1000") as job:
            raise KeyError
    except KeyError:
        expect_equal(job.process.poll(), -9)


def a_paused_job_stands_still():
    with scratch() as work, running("sh", "-c", f"while :; do echo >> {work}/ticks; done") as job:
        job.wait_for(lambda: (work / "ticks").exists(), "a tick")
        assert job.pause()
        ticks = os.path.getsize(work / "ticks")
        expect_equal(os.path.getsize(work / "ticks"), ticks)
        job.go_on()
        job.wait_for(lambda: os.path.getsize(work / "ticks") > ticks, "more ticks")


def a_scratch_folder_goes_with_everything_in_it():
    with scratch() as work:
        (work / "folder").mkdir()
        (work / "folder" / "file").write_text("x")
    assert not work.exists()


def different_lists_show_the_first_place():
    expect_in("first at 1: expected 2, found 3", complaint_of(lambda: expect_equal([1, 3], [1, 2])))


def main():
    promise(a_vain_wait_says_what_it_waited_for)
    promise(a_wrong_exit_code_shows_what_was_said)
    promise(a_job_that_ends_too_early_is_told)
    promise(a_job_is_killed_when_its_test_fails)
    promise(a_paused_job_stands_still)
    promise(a_scratch_folder_goes_with_everything_in_it)
    promise(different_lists_show_the_first_place)


main()
