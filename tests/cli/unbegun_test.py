#!/usr/bin/env python3
"""An export that dies before its run begins leaves a directory of which verify says just that, and the same export goes on."""
import os
import shutil

from testing.commands import export, run, export_words, verify
from testing.dumps import generate
from testing.programs import DIES_AT
from testing.promises import expect_in, promise
from testing.scratch import scratch

OPTIONS = ("--quiet", "--threads", "1")
KILLED = 137
MOST_CALLS = 200  # before a run of a few documents has begun; there are a few dozen


def dies_at(call, dumps, out):
    """The export, killed right before its n-th call that changes what is on disk; false where it makes fewer."""
    done = run(*export_words(dumps, out, *OPTIONS), code=(KILLED, 0),
               env={**os.environ, "LD_PRELOAD": os.fspath(DIES_AT), "OUTRO_DIES_AT": str(call)})
    return done.returncode == KILLED


def a_first_export_that_never_began_is_no_damage(work, dumps):
    said_so = 0
    for call in range(1, MOST_CALLS):
        out = work / f"first-{call}"
        assert dies_at(call, dumps, out), "it ended before its run began"
        said = verify(out, code=(2, 3))
        text = said.stdout + said.stderr
        assert "FINDING" not in text, text
        if "run 1 is not finished" in text:
            break
        if out.exists():
            expect_in(("run the same `outro export` again", "no run was ever begun")[said.returncode == 3], text)
            said_so += 1
        export(dumps, out, *OPTIONS)
        expect_in("SAFE TO ERASE SOURCE: yes", verify(out).stdout)
        shutil.rmtree(out)
    else:
        raise AssertionError("its run never began")
    assert said_so >= 5, said_so


def a_later_export_that_never_began_is_no_damage(work, dumps, newer):
    """Neither to verify, nor to whichever export comes next: the new one, or the one that was finished."""
    sealed = work / "sealed"
    export(dumps, sealed, *OPTIONS)
    said_so = 0
    for call in range(1, MOST_CALLS):
        out = work / f"later-{call}"
        shutil.copytree(sealed, out)
        assert dies_at(call, newer, out), "it ended before its run began"
        said = verify(out, code=(0, 3)).stdout
        assert "FINDING" not in said, said
        if "run 2 is not finished" in said:
            break
        if "SAFE TO ERASE SOURCE: yes" not in said:
            expect_in("ended before its run began", said)
            said_so += 1
        export((newer, dumps)[call % 2], out, *OPTIONS)
        expect_in("SAFE TO ERASE SOURCE: yes", verify(out).stdout)
        shutil.rmtree(out)
    else:
        raise AssertionError("its run never began")
    assert said_so >= 2, said_so


def another_change_of_the_ledger_is_damage_still(work, dumps, newer):
    sealed = work / "sealed"
    for call in range(1, MOST_CALLS):
        out = work / f"changed-{call}"
        shutil.copytree(sealed, out)
        dies_at(call, newer, out)
        if "ended before its run began" in verify(out, code=(0, 3)).stdout:
            break
        shutil.rmtree(out)
    with open(out / "ledger.sqlite", "r+b") as ledger:
        ledger.seek(60)  # a number of the header that only its owner gives a meaning
        ledger.write(b"\0\0\0\1")
    expect_in("FINDING ledger.sqlite", verify(out, code=1).stdout)


def main():
    with scratch() as work:
        dumps = generate(work / "input", 6)
        newer = generate(work / "newer", 9, "--seed", "7")
        promise(a_first_export_that_never_began_is_no_damage, work, dumps)
        promise(a_later_export_that_never_began_is_no_damage, work, dumps, newer)
        promise(another_change_of_the_ledger_is_damage_still, work, dumps, newer)


main()
