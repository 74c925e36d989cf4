#!/usr/bin/env python3
"""Where a limit of threads leaves too few, a job says so before it begins, and nothing hangs or aborts."""
import os
import re

from testing.commands import run, shown
from testing.dumps import generate
from testing.limits import NOBODYS_UID, as_user_with_threads
from testing.programs import OUTRO, SANITIZED
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch

REFUSED = re.compile(r"(\d+) threads are needed .* only (\d+) can be started .*; lower --threads to (\d+) or less")


def limited(threads, *words, code=(0, 2)):
    return run(OUTRO, *words, code=code, timeout=120, preexec_fn=as_user_with_threads(threads))


def needed_by(done):
    return int(re.search(r"(\d+) threads are needed", done.stderr)[1])


def every_limit_is_refused_or_enough(folder, words, changes, code=(0, 2)):
    """By one after another; returns the first that is enough. `changes`: what must not be there after a refusal."""
    for limit in range(2, 40):
        done = limited(limit, *words, code=code)
        if done.returncode != 2:
            return limit
        expect_in("threads are needed", done.stderr, shown(done))
        expect_in(f"only {limit - 1} can be started", done.stderr)
        assert changes is None or not (folder / changes).exists(), shown(done)
    raise AssertionError("no limit is enough")


def an_export_starts_with_all_its_threads_or_changes_nothing(folder, dumps):
    enough = every_limit_is_refused_or_enough(folder, ["export", dumps, "--out", folder / "a", "--threads", 4, "--quiet"],
                                              "a")
    expect_equal(needed_by(limited(enough - 1, "export", dumps, "--out", folder / "b", "--threads", 4, code=2)), enough - 1)


def what_the_refusal_advises_leads_on(folder, dumps):
    out = folder / "advised"
    refused = limited(9, "export", dumps, "--out", out, "--threads", 8, code=2)
    needed, had, advised = map(int, REFUSED.search(refused.stderr).groups())
    assert had == 8 < needed, refused.stderr
    limited(9, "export", dumps, "--out", out, "--threads", advised, "--quiet", code=0)


def verify_and_catalogue_do_the_same(folder, dumps):
    out = folder / "whole"
    limited(100, "export", dumps, "--out", out, "--catalogue", "--quiet", code=0)
    every_limit_is_refused_or_enough(folder, ["verify", out, "--threads", 4, "--quiet"], None, code=(0, 2, 3))
    every_limit_is_refused_or_enough(folder, ["catalogue", out, "--to", folder / "merged", "--threads", 4], "merged")


def measuring_says_why_the_sample_cannot_be_exported(folder, dumps):
    for words in (["tune", dumps, "--threads", 4, "--work", folder], ["plan", dumps, "--threads", 4, "--work", folder]):
        before = sorted(os.listdir(folder))
        done = limited(4, *words, "--quiet", code=(1, 2))
        expect_in("thread", done.stderr, shown(done))
        expect_equal(sorted(os.listdir(folder)), before)


def main():
    if os.geteuid() != 0:
        skip("a limit of threads for another user needs root")
    if SANITIZED:
        skip("a sanitizer has threads of its own")
    with scratch() as work:
        dumps = generate(work, 300)
        folder = work / "of-nobody"
        folder.mkdir()
        os.chown(folder, NOBODYS_UID, NOBODYS_UID)
        run("chmod", "-R", "a+rX", work)
        if run("setpriv", f"--reuid={NOBODYS_UID}", "--clear-groups", OUTRO, "--version", code=None).returncode != 0:
            skip(f"{OUTRO} cannot be run by another user")
        promise(an_export_starts_with_all_its_threads_or_changes_nothing, folder, dumps)
        promise(what_the_refusal_advises_leads_on, folder, dumps)
        promise(verify_and_catalogue_do_the_same, folder, dumps)
        promise(measuring_says_why_the_sample_cannot_be_exported, folder, dumps)


if __name__ == "__main__":
    main()
