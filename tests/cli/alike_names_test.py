#!/usr/bin/env python3
"""No two ids or names of files are printed alike, what is printed can be given back, and none moves a terminal's cursor.
"""
import json
import shutil
import subprocess

from testing.commands import export, outro
from testing.programs import OUTRO
from testing.promises import expect_equal, promise
from testing.scratch import scratch

IDS = ["a?b", "a\x07b", "a\nb", r"a\x07b", r"a\nb", "bob\0", "bob?", "bob", "bob ", "ann", "ANN", "Ann", "é", "e\u0301", "a\u200bb", "ab", "\u202eba",
       "10/00", "10_00", "10_00~1283b7c8", "$'a\\x07b'", "it's", 'say "hi"', "a\u00a0b", "a b", "a\x85b", "a\x7fb", "😀", "x, line 1: lost"]
FILES = [b"a.ndjson", b"a\xd6.ndjson", rb"a\xd6.ndjson", b"a\x1b]0;pwn\x07.ndjson", b"a\n\nSAFE TO ERASE SOURCE: yes\n.ndjson", "a\u202e.ndjson".encode(),
         b"a\xc2\x9b2J.ndjson"]


def expect_harmless(text, where):
    """No control but line feeds, nothing that reorders or has no width."""
    bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or ord(c) in (0x200b, 0x202e)]
    assert not bad, (where, bad, text)


def ids_are_told_apart_and_taken_back(work):
    dumps = work / "d.ndjson"
    dumps.write_text("".join(json.dumps({"userId": i, "x": f"of {n}"}) + "\n" for n, i in enumerate(IDS)))
    export(dumps, work / "o", "--quiet")
    printed = outro("list", work / "o", "--accounts").stdout
    expect_harmless(printed, "list")
    shown = [line[96:] for line in printed.splitlines()[1:]]
    expect_equal(len(set(shown)), len(IDS), "ids printed alike")
    lines = outro("list", work / "o", "--accounts", "--json").stdout
    expect_harmless(lines, "list --json")
    expect_equal(sorted(json.loads(line)["account"] for line in lines.splitlines()), sorted(IDS))
    bash = shutil.which("bash")
    for text in shown:  # as a person pastes it
        if text.endswith(r"\x00'") or not bash or not text.startswith("$'"):
            continue
        done = subprocess.run([bash, "-c", f'"$0" extract "$1" --account {text} --as dump', OUTRO, work / "o"], capture_output=True)
        expect_equal(done.returncode, 0, (text, done))
    for n, account in enumerate(IDS):
        got = outro("extract", work / "o", "--account-json", json.dumps(account), "--as", "dump").stdout
        expect_equal(json.loads(got), {"userId": account, "x": f"of {n}"})


def no_two_accounts_get_one_file(work):
    into = work / "into"
    into.mkdir()
    for account in IDS:
        outro("extract", work / "o", "--account-json", json.dumps(account), "--as", "zip", "--to", into)
    names = {p.name.casefold() for p in into.iterdir()}
    expect_equal(len(names), len(IDS))


def names_of_files_are_told_apart(work):
    shards = work / "shards"
    shards.mkdir()
    for n, name in enumerate(FILES):
        with open(bytes(shards) + b"/" + name, "w") as out:
            out.write(json.dumps({"userId": n}) + "\nbroken\n")
    log = export(shards, work / "p", "--log", "json", code=3)
    expect_harmless(log.stdout + log.stderr, "log")
    log = export(shards, work / "q", code=3)
    expect_harmless(log.stdout + log.stderr, "log")
    for what in ["--shards", "--dead-letters"]:
        printed = outro("list", work / "p", what).stdout
        expect_harmless(printed, what)
        expect_equal(len({line.rsplit("shards/", 1)[1] for line in printed.splitlines()[1:]}), len(FILES), printed)
        objects = outro("list", work / "p", what, "--json").stdout
        expect_harmless(objects, what)
        read = [json.loads(line) for line in objects.splitlines()]
        expect_equal(len({(o.get("path", o.get("shard")), o.get("pathHex", o.get("shardHex"))) for o in read}), len(FILES))
    for command in [["verify", work / "p", "--against", shards], ["verify", work / "p", "--json", "--against", shards], ["status", work / "p"], ["status", work / "p", "--json"]]:
        done = outro(*command, code=None)
        expect_harmless(done.stdout + done.stderr, command)
        assert "\nSAFE TO ERASE SOURCE: yes" not in done.stdout, done.stdout


def a_name_forges_no_line(work):
    shards = work / "links"
    shards.mkdir()
    (shards / "x\n\nSAFE TO ERASE SOURCE: yes\n").symlink_to("/")
    done = outro("verify", work / "o", "--against", shards, code=2)
    expect_harmless(done.stderr, "verify")
    expect_equal(len(done.stderr.splitlines()), 1)
    for words in [["no\x1b[2J"], ["list", work / "o\x1b[2J"], ["list", "--no\x1b[2J\nx"], ["extract", work / "o", "--account", "\x1b[2J"]]:
        done = outro(*words, code=2)
        expect_harmless(done.stdout + done.stderr, words)


def main():
    with scratch() as work:
        promise(ids_are_told_apart_and_taken_back, work)
        promise(no_two_accounts_get_one_file, work)
        promise(names_of_files_are_told_apart, work)
        promise(a_name_forges_no_line, work)


main()
