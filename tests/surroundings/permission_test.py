#!/usr/bin/env python3
"""What this user may not look at is called just that by every command: never missing, damaged, a bug, or in the wrong place; and what
the message says to do leads on."""
import os
import shutil

from testing.commands import outro, run, shown
from testing.programs import OUTRO
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch

NOBODY = 65534
WRONG = ("restore", "no ledger", "not an output directory", "is not a directory", "lies inside", "bug", "put back", "is missing", "no-catalogue",
         "filesystem error", "is damaged", "not a regular file")
COMMANDS = (["status"], ["list"], ["list", "--accounts"], ["extract", "--account", "1000", "--as", "dump"], ["verify", "--quiet"],
            ["catalogue", "--to", "MERGED"], ["rebuild"], ["export", "DUMPS", "--out"])


def as_nobody(work, *words, code=None):
    return run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", work / "outro", *words, code=code, cwd=work)


def words_of(work, command, out):
    words = [str(work / "dumps") if w == "DUMPS" else str(work / "merged") if w == "MERGED" else w for w in command]
    return [*words, out] if words[-1] == "--out" else [words[0], out, *words[1:]]


def prepare(work):
    """A program and an output directory that nobody, the user, may use."""
    work.chmod(0o755)
    shutil.copy(OUTRO, work / "outro")
    (work / "dumps").mkdir()
    (work / "dumps" / "a.ndjson").write_text('{"userId":1000,"exportedAt":1611800000000}\nbroken\n')
    run("chown", "-R", f"{NOBODY}:{NOBODY}", work)
    as_nobody(work, "export", work / "dumps", "--out", work / "good", "--quiet", code=3)


def fresh(work):
    shutil.rmtree(work / "out", ignore_errors=True)
    shutil.rmtree(work / "merged", ignore_errors=True)
    run("cp", "-a", work / "good", work / "out")
    return work / "out"


def take_away(path):
    os.chown(path, 0, 0)
    path.chmod(0o700 if path.is_dir() else 0o600)


def give_back(path):
    os.chown(path, NOBODY, NOBODY)


def judge(done, name):
    """Either the command does not need what is denied, or it says what is denied, of whom, and to whom."""
    text = done.stdout + done.stderr
    assert not any(wrong in text for wrong in WRONG), f"{name}\n{shown(done)}"
    if done.returncode in (1, 2):
        for part in ("Permission denied", "check its owner and mode", "belongs to user 0", f"this process is user {NOBODY}"):
            assert part in text, f"{name}: no {part}\n{shown(done)}"


def every_command_says_what_is_denied(work):
    names = [".", "ledger.sqlite", "lock", "SHA256SUMS", "summary.json"] + [
        str(p.relative_to(work / "good")) for p in (work / "good").rglob("*") if p.is_dir() or "r0001" in p.name]
    refused = 0
    for name in names:
        for command in COMMANDS:
            out = fresh(work)
            take_away(out / name)
            done = as_nobody(work, *words_of(work, command, out))
            judge(done, f"{name}: {command}")
            refused += done.returncode in (1, 2)
            if "verify" in command:
                expect_equal(done.returncode, 2, shown(done))
                assert "FINDING" not in done.stdout, shown(done)
    assert refused > 30, refused


def what_the_message_says_leads_on(work):
    for name in (".", "ledger.sqlite", "packs", "SHA256SUMS"):
        out = fresh(work)
        take_away(out / name)
        as_nobody(work, "verify", out, "--quiet", code=2)
        give_back(out / name)
        expect_in("SAFE TO ERASE SOURCE: yes", as_nobody(work, "verify", out, "--quiet", "--accept-dead-letters", code=0).stdout)


def a_folder_above_is_named(work):
    above = work / "above"
    above.mkdir()
    out = above / "out"
    run("cp", "-a", work / "good", out)
    take_away(above)
    for command in COMMANDS:
        done = as_nobody(work, *words_of(work, command, out), code=(1, 2))
        judge(done, f"above: {command}")
        expect_in(f"{above} belongs to user 0", done.stderr)
    for words in (["export", out, "--out", work / "n"], ["plan", out], ["tune", out], ["export", work / "dumps", "--out", above / "n"]):
        judge(as_nobody(work, *words, code=2), words)
    give_back(above)
    as_nobody(work, "status", out, code=0)


def many_denied_files_are_one_refusal(work):
    out = fresh(work)
    files = [p for p in out.rglob("*") if p.is_file() and p.name not in ("lock", "ledger.sqlite")]
    for path in files:
        take_away(path)
    done = as_nobody(work, "verify", out, "--quiet", code=2)
    expect_in(f"so it is with {len(files)} files", done.stderr)
    expect_equal(outro("verify", out, "--quiet", "--accept-dead-letters").returncode, 0)


def main():
    if os.geteuid() != 0:
        skip("only root can take files away from another user")
    with scratch() as work:
        prepare(work)
        for check in (every_command_says_what_is_denied, what_the_message_says_leads_on, a_folder_above_is_named, many_denied_files_are_one_refusal):
            promise(check, work)


main()
