#!/usr/bin/env python3
"""Root over a service's directory changes nothing in it, and each way on that it is told keeps the service in."""
import os
import re
import shlex
import shutil

from testing.commands import complaint, export, export_words, outro, run, verify
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch

SERVICE = 12345


def as_service(*words, code=0):
    return run("setpriv", "--reuid", SERVICE, "--regid", SERVICE, "--clear-groups", *words, code=code)


def dump(path, first):
    path.write_text(f'{{"userId":{first},"exportedAt":1611800000000}}\n')
    return path


def owners(out):
    return {str(p): (p.lstat().st_uid, p.lstat().st_mtime_ns) for p in [out, *out.rglob("*")]}


def home_of_a_service(work):
    os.chmod(work, 0o755)
    home = work / "srv"
    home.mkdir()
    os.chown(home, SERVICE, SERVICE)
    return home


def told_words(said):
    """The command that the message names, as it stands there."""
    return shlex.split(re.search(r"\((setpriv [^,]*) outro \.\.\.", said).group(1))


def root_does_not_take_over_a_services_directory(work):
    home = home_of_a_service(work)
    out = home / "out"
    as_service(*export_words(dump(work / "a.ndjson", 1), out, "--quiet"))
    before = owners(out)
    more = dump(work / "b.ndjson", 2)
    said = complaint(export(more, out, code=2), out)
    expect_in(str(SERVICE), said)
    expect_equal(owners(out), before)
    for command in (("rebuild", out), ("catalogue", out, "--to", home / "merged")):
        outro(*command, code=2)
    expect_equal((owners(out), (home / "merged").exists()), (before, False))
    verify(out)  # reads only
    expect_equal(owners(out), before)
    run(*told_words(said), *export_words(more, out, "--quiet"))
    expect_equal({uid for uid, _ in owners(out).values()}, {SERVICE})
    expect_in("runs          2", as_service(OUTRO, "verify", out, "--quiet").stdout)


def root_begins_no_directory_within_a_services_folder(work):
    home = home_of_a_service(work)
    out = home / "out"
    shard = dump(work / "a.ndjson", 1)
    said = complaint(export(shard, out, code=2), out)
    assert not out.exists()
    run(*told_words(said), *export_words(shard, out, "--quiet"))
    expect_equal({uid for uid, _ in owners(out).values()}, {SERVICE})
    shutil.rmtree(out)
    run(*shlex.split(re.search(r"make it first: (mkdir .*)$", said).group(1)))  # the other way: it is root's
    export(shard, out, "--quiet")
    expect_equal({uid for uid, _ in owners(out).values()}, {0})


def main():
    if os.geteuid() != 0:
        skip("only root can be another user")
    for test in (root_does_not_take_over_a_services_directory, root_begins_no_directory_within_a_services_folder):
        with scratch() as work:
            promise(test, work)


main()
