#!/usr/bin/env python3
"""Accounts and playlists with hostile names extract safely with GNU tar, with Python and with Outro.
"""
import io
import json
import tarfile
import zipfile

from testing.commands import export, outro, run
from testing.compressed import unzstd
from testing.promises import expect_equal, expect_in, promise
from testing.scratch import scratch

NAMES = ["../../etc/passwd", "CON", "a/b", "x" * 300, "😀🎵", "....", "‮gnp.exe", "", "Mix", "mIX", "nul.txt", "a\\b", "-rf",
         "tab\there", "\x00\x01", "~", "con", " lead and trail ", "%2e%2e", "名" * 100, "\ud800"]
RESERVED = set('\\:*?"<>|')


def safe(path):
    assert not path.startswith("/") and len(path.encode("utf-16-le")) // 2 <= 120, path
    for step in path.split("/"):
        assert step not in ("", ".", "..") and not step.endswith((".", " ")), path
        assert not any(c in RESERVED or ord(c) < 32 or 0x200B <= ord(c) <= 0x202E for c in step), path


def inside(folder, files):
    """Everything that was unpacked lies in the folder, and nothing was overwritten."""
    found = [p for p in folder.rglob("*") if p.is_file()]
    assert len(found) == files, (len(found), files)
    assert all(p.resolve().is_relative_to(folder.resolve()) and not p.is_symlink() for p in found)


def valid(account):
    return account and account != "\ud800" and len(account.encode("utf-8")) <= 128


def only_invalid_accounts_are_put_aside(work):
    accounts = [n for n in NAMES if valid(n)]
    with open(work / "in.ndjson", "w") as out:
        for name in NAMES:
            lists = [{"collectName": n, "songs": [{"song": {"songId": 1}}]} for n in NAMES]
            out.write(json.dumps({"userId": name, "collects": lists}) + "\n")
    said = export(work / "in.ndjson", work / "out", "--quiet", code=3).stdout
    expect_in(f"{len(accounts)} written", said)
    expect_in(f"ID_INVALID  {len(NAMES) - len(accounts)}", said)


def every_archive_extracts_inside_its_folder(work, account, folder):
    """With Python, GNU tar and outro, as tar, files and ZIP. Returns the archive's folder."""
    folder.mkdir()

    def extract(kind, to, *more):
        outro("extract", work / "out", f"--account={account}", "--as", kind, "--to", to, *more)
        return to

    tar = unzstd(extract("archive", work / "a.tar.zst", "--force"))
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        names = archive.getnames()
        for name in names:
            safe(name)
        assert len(set(n.casefold() for n in names)) == len(names), "two names differ only in case"
        python = folder / "python"
        python.mkdir()
        archive.extractall(python)
        inside(python, len(names))
    gnu = folder / "gnu"
    gnu.mkdir()
    run("tar", "-xf", "-", "-C", gnu, input=tar, text=False)
    inside(gnu, len(names))
    own = extract("files", folder / "own")
    inside(own, len(names))
    run("diff", "-r", gnu, own)
    with zipfile.ZipFile(extract("zip", work / "a.zip", "--force")) as archive:
        assert archive.testzip() is None
        expect_equal(sorted(archive.namelist()), sorted(names))
    return names[0].split("/")[0]


def no_two_accounts_share_a_folder(work):
    accounts = [n for n in NAMES if valid(n) and "\x00" not in n]  # no command line can name that one
    folders = {every_archive_extracts_inside_its_folder(work, account, work / f"of{number}")
               for number, account in enumerate(accounts)}
    expect_equal(len(folders), len(accounts), "two accounts share a folder")
    print(f"{len(folders)} accounts with {len(NAMES)} hostile playlists each")


def main():
    with scratch() as work:
        promise(only_invalid_accounts_are_put_aside, work)
        promise(no_two_accounts_share_a_folder, work)


main()
