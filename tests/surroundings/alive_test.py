#!/usr/bin/env python3
"""Whether a job lives is told by its lock, wherever it runs and whoever asks."""
import contextlib
import fcntl
import json
import os
import shutil
import signal
import time

from testing.commands import export, export_words, run, shown, status_of
from testing.dumps import generate
from testing.jobs import open_fifo, running
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch
from testing.waiting import wait_until

CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


@contextlib.contextmanager
def waiting_export(work, out, *before):
    """An export that is at work and waits for its input."""
    fifo = work / f"fifo-{out.name}"
    if not fifo.exists():
        os.mkfifo(fifo)
    with running(*before, *export_words(fifo, out, "--log", "json")) as job:
        job.wait_for_log("WORKERS_READY")
        with open_fifo(fifo, job):
            yield job


def health(out, *before):
    done = run(*before, OUTRO, "status", out, "--json", code=None)
    assert done.stdout, shown(done)
    return json.loads(done.stdout)


def a_job_in_a_container_lives_for_the_host(work, dumps):
    out = work / "inside"
    with waiting_export(work, out, *CONTAINER) as job:
        expect_equal(health(out)["health"], "running")
        expect_equal(health(out, *CONTAINER)["health"], "running")
        expect_in("of another PID namespace", run(OUTRO, "status", out).stdout)
        expect_in("is being written by process 1 of another PID namespace", export(dumps, out, code=2).stderr)
        job.send(signal.SIGKILL)
        wait_until(lambda: health(out)["health"] == "dead", "the end of the container")
    said = health(out)
    expect_in("ended without a message", said["lastError"])
    assert "SIGTERM" not in said["next"] and "export" in said["next"], said["next"]


def a_job_of_the_host_lives_for_a_container(work, dumps):
    out = work / "outside"
    with waiting_export(work, out) as job:
        expect_equal(health(out, *CONTAINER)["health"], "running")
        done = run(*CONTAINER, *export_words(dumps, out), code=2)
        expect_in(f"is being written by process {job.pid} of another PID namespace", done.stderr)
        job.send(signal.SIGKILL)
        wait_until(lambda: health(out, *CONTAINER)["health"] == "dead", "its end")


def a_copy_of_a_live_directory_is_not_the_job(work):
    out, copy = work / "original", work / "copy"
    with waiting_export(work, out) as job:
        shutil.copytree(out, copy)
        said = health(copy)
        expect_equal(said["health"], "unknown")
        expect_in("cannot be seen from here", said["lastError"])
        job.send(signal.SIGKILL)
        job.end(code=-signal.SIGKILL)
    expect_equal(health(copy)["health"], "dead")


def after_a_restart_it_says_so(work):
    """The record of another boot, as a power cut leaves it."""
    out = work / "restarted"
    with waiting_export(work, out) as job:
        job.send(signal.SIGKILL)
        job.end(code=-signal.SIGKILL)
    lock = out / "lock"
    boot = json.loads(lock.read_text().splitlines()[1])["boot"]
    assert boot, "no boot id in the record"
    lock.write_text(lock.read_text().replace(boot, "0" * len(boot)))
    said = health(out)
    expect_equal(said["health"], "dead")
    expect_in("this machine was restarted since", said["lastError"])


@contextlib.contextmanager
def mounted(folder, *words):
    folder.mkdir()
    run("mount", *words, folder)
    try:
        yield folder
    finally:
        run("umount", folder)


def another_disk_with_the_same_inode_is_another_file(work, dumps):
    with mounted(work / "disk1", "-t", "tmpfs", "none") as one, mounted(work / "disk2", "-t", "tmpfs", "none") as two:
        export(dumps, two / "out", "--quiet")
        # The kernel lists locks by CPU and the newest first: before the job's and after it.
        with open(two / "out/lock", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            with waiting_export(work, one / "out") as job:
                expect_equal(os.stat(one / "out/lock").st_ino, os.stat(two / "out/lock").st_ino)
                for _ in range(8):
                    expect_in(f"is in use by process {os.getpid()}, ", export(dumps, two / "out", code=2).stderr)
                    fcntl.flock(lock, fcntl.LOCK_UN)
                    fcntl.flock(lock, fcntl.LOCK_SH)
                job.send(signal.SIGTERM)
                job.end(code=143)


def a_frozen_file_system_holds_no_status_up(work, dumps):
    image = work / "disk.img"
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    run("mkfs.ext4", "-q", image)
    with mounted(work / "disk3", "-o", "loop", image) as disk:
        out = disk / "out"
        export(dumps, out, "--quiet", "--ignore-preflight")
        more = work / "more"
        os.mkfifo(more)
        with running(*export_words(more, out, "--log", "json", "--ignore-preflight")) as job:
            job.wait_for_log("WORKERS_READY")
            run("fsfreeze", "-f", disk)
            try:
                began = time.monotonic()
                text = run(OUTRO, "status", out, timeout=120).stdout
                expect_in("running, run 2", text)
                told = health(out)
                expect_equal(told["health"], "running")
                assert "committed" in told or "no answer within" in told["ledgerError"], told
                print(f"  two answers in {time.monotonic() - began:.1f} s; the ledger: {told.get('ledgerError', 'read')}")
            finally:
                run("fsfreeze", "-u", disk)
            wait_until(lambda: "committed" in health(out), "the ledger again")
            job.send(signal.SIGTERM)
            job.end(code=143)
        wait_until(lambda: run("fuser", "-m", disk, code=None).returncode != 0, "the end of what was held up")


def main():
    with scratch() as work:
        dumps = generate(work, 100)
        promise(a_copy_of_a_live_directory_is_not_the_job, work)
        promise(after_a_restart_it_says_so, work)
        if run(*CONTAINER, "true", code=None).returncode != 0:
            skip("PID namespaces cannot be made here (unshare --pid needs root)")
        promise(a_job_in_a_container_lives_for_the_host, work, dumps)
        promise(a_job_of_the_host_lives_for_a_container, work, dumps)
        promise(another_disk_with_the_same_inode_is_another_file, work, dumps)
        if not os.path.exists("/dev/loop-control"):
            skip("loop devices cannot be made here")
        promise(a_frozen_file_system_holds_no_status_up, work, dumps)


if __name__ == "__main__":
    main()
