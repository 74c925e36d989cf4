#!/usr/bin/env python3
"""What other users, or mistakes, put into folders before Outro comes is refused or avoided, and never changed or waited for.
"""
import os
import shutil
import stat
from pathlib import Path

from testing.commands import export, outro
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

NOBODY = 65534
ROOT = os.geteuid() == 0


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def dump(work):
    path = work / "d.ndjson"
    path.write_text('{"userId":1000,"exportedAt":1611800000000}\n')
    return path


def folder(path, bits):
    path.mkdir()
    path.chmod(bits)
    return path


def a_refused_folder_is_left_as_it_was(work):
    dumps = dump(work)
    shared = folder(work / "shared", 0o1777)
    (shared / "others").write_text("x")
    everyones = folder(work / "everyones", 0o3777)
    foreign = folder(work / "foreign", 0o2755)
    (foreign / "web.html").write_text("x")
    link = work / "link"
    link.symlink_to("everyones")
    for out, bits in [(shared, 0o1777), (everyones, 0o3777), (foreign, 0o2755), (link, 0o777)]:
        before = sorted(out.resolve().iterdir())
        export(dumps, out, code=2)
        expect_equal(sorted(out.resolve().iterdir()), before)
        expect_equal(mode(out), bits, out)
    export(dumps, work / "good", "--quiet")
    outro("catalogue", work / "good", "--to", everyones, code=2)
    expect_equal((mode(everyones), list(everyones.iterdir())), (0o3777, []))


def an_own_empty_folder_keeps_its_mode_and_what_is_made_in_it_is_private(work):
    out = folder(work / "mine", 0o755)
    link = work / "link"
    link.symlink_to("mine")
    export(dump(work), link, "--quiet")
    expect_equal(mode(out), 0o755)
    for path in out.rglob("*"):
        expect_equal(mode(path), 0o700 if path.is_dir() else 0o600, path)
    expect_in("SAFE TO ERASE SOURCE: yes", outro("verify", out, "--quiet").stdout)


def links_within_are_refused(work):
    dumps = dump(work)
    more = work / "more.ndjson"
    more.write_text('{"userId":2}\n')
    elsewhere = folder(work / "elsewhere", 0o755)
    for name in ["packs", "dead-letters", "catalogue", "catalogue/parts", "ledger.sqlite", "lock"]:
        out = work / "out"
        export(dumps, out, "--quiet")
        moved = work / "moved"
        (out / name).rename(moved)
        for target in [moved, elsewhere]:
            (out / name).symlink_to(target)
            export(more, out, code=2)
            outro("rebuild", out, code=None if name == "ledger.sqlite" else 2)  # a new ledger takes the link's place
            expect_equal((mode(elsewhere), list(elsewhere.iterdir())), (0o755, []))
            (out / name).unlink()
        shutil.rmtree(out)
        shutil.rmtree(moved) if moved.is_dir() else moved.unlink()


def nothing_waits_for_a_pipe(work):
    dumps = dump(work)
    good = work / "good"
    with open(dumps, "a") as more:
        more.write("broken\n")
    export(dumps, good, "--quiet", code=3)
    names = [p.relative_to(good) for p in good.rglob("*") if p.is_file()]
    assert len(names) >= 9, names
    names += [Path(f"ledger.sqlite-{end}") for end in ["wal", "shm", "journal"]] + [Path("packs"), Path("catalogue"), Path("SHA256SUMS.partial")]
    for name in names:
        for command in [["status"], ["status", "--json"], ["list", "--accounts"], ["extract", "--account", "1000", "--as", "dump"], ["verify", "--quiet"],
                        ["catalogue", "--to", work / "merged"], ["export", dumps, "--out", "--quiet"], ["rebuild"]]:
            out = work / "out"
            shutil.copytree(good, out)
            if (out / name).is_dir():
                shutil.rmtree(out / name)
            (out / name).unlink(missing_ok=True)
            os.mkfifo(out / name)
            at = command.index("--out") + 1 if "--out" in command else 1
            done = outro(*command[:at], out, *command[at:], code=None, timeout=60)  # TimeoutExpired: it waited
            assert done.returncode in (0, 1, 2, 3), (name, command, done)
            shutil.rmtree(out)


def what_another_user_made_is_refused(work):
    dumps = dump(work)
    good = work / "good"
    export(dumps, good, "--quiet")
    for name in [".", "packs", "catalogue/parts", "ledger.sqlite", "lock"]:
        os.chown(good / name, NOBODY, NOBODY)
        before = mode(good / name)
        expect_in("65534", export(dumps, good, code=2).stderr)
        expect_equal(mode(good / name), before)
        os.chown(good / name, 0, 0)
    export(dumps, good, "--quiet")


def extract_beside_other_users_writes_only_what_it_made(work):
    export(dump(work), work / "o", "--quiet")
    shared = folder(work / "shared", 0o1777)
    for kind, plant in [("file", lambda p: p.write_text("")), ("pipe", os.mkfifo), ("link", lambda p: p.symlink_to(work / "o" / "lock"))]:
        lock = (work / "o" / "lock").read_bytes()
        for more in [[], ["--force"]]:
            path = shared / f"{kind}{len(more)}"
            planted = shared / f"{path.name}.partial"
            plant(planted)
            if ROOT:
                os.chown(planted, NOBODY, NOBODY, follow_symlinks=False)
            outro("extract", work / "o", "--account", "1000", "--as", "dump", "--to", path, *more, timeout=60)
            info = path.lstat()
            assert stat.S_ISREG(info.st_mode) and info.st_mode & 0o777 == 0o600 and info.st_nlink == 1 and info.st_uid == os.geteuid(), path
            expect_in('"userId":1000', path.read_text())
            planted.unlink()
        expect_equal((work / "o" / "lock").read_bytes(), lock)
    expect_equal(len(list(shared.iterdir())), 6)


def main():
    checks = [a_refused_folder_is_left_as_it_was, an_own_empty_folder_keeps_its_mode_and_what_is_made_in_it_is_private, links_within_are_refused,
              nothing_waits_for_a_pipe, extract_beside_other_users_writes_only_what_it_made]
    if ROOT:
        checks.append(what_another_user_made_is_refused)
    else:
        print("not root: what another user made is not tried")
    for check in checks:
        with scratch() as work:
            promise(check, work)


main()
