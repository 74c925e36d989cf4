#!/usr/bin/env python3
"""Accounts and playlists with hostile names extract safely with GNU tar, with Python and with Outro.

usage: hostile_names_test.py OUTRO
"""
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

OUTRO = sys.argv[1]
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


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        accounts = [n for n in NAMES if n and n != "\ud800" and len(n.encode("utf-8")) <= 128]
        refused = [n for n in NAMES if n not in accounts]
        with open(work / "in.ndjson", "w") as out:
            for name in NAMES:
                lists = [{"collectName": n, "songs": [{"song": {"songId": 1}}]} for n in NAMES]
                out.write(json.dumps({"userId": name, "collects": lists}) + "\n")
        done = subprocess.run([OUTRO, "export", str(work / "in.ndjson"), "--out", str(work / "out"), "--quiet"],
                              capture_output=True, text=True)
        assert done.returncode == 3 and f"{len(accounts)} written" in done.stdout, done.stdout + done.stderr
        assert f"ID_INVALID  {len(refused)}" in done.stdout, done.stdout
        folders = set()
        for number, account in enumerate(accounts):
            if "\x00" in account:
                continue  # no command line can name it
            base = [OUTRO, "extract", str(work / "out"), f"--account={account}"]
            subprocess.run([*base, "--as", "archive", "--to", str(work / "a.tar.zst"), "--force"], check=True)
            tar = subprocess.run(["zstd", "-dc", work / "a.tar.zst"], check=True, capture_output=True).stdout
            with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
                names = archive.getnames()
                for name in names:
                    safe(name)
                assert len(set(n.casefold() for n in names)) == len(names), "two names differ only in case"
                folders.add(names[0].split("/")[0])
                python = work / f"python{number}"
                python.mkdir()
                archive.extractall(python)
                inside(python, len(names))
            gnu = work / f"gnu{number}"
            gnu.mkdir()
            subprocess.run(["tar", "-xf", "-", "-C", gnu], input=tar, check=True)
            inside(gnu, len(names))
            own = work / f"own{number}"
            subprocess.run([*base, "--as", "files", "--to", str(own)], check=True)
            inside(own, len(names))
            assert subprocess.run(["diff", "-r", gnu, own]).returncode == 0
            subprocess.run([*base, "--as", "zip", "--to", str(work / "a.zip"), "--force"], check=True)
            with zipfile.ZipFile(work / "a.zip") as archive:
                assert archive.testzip() is None and sorted(archive.namelist()) == sorted(names)
        assert len(folders) == len([a for a in accounts if "\x00" not in a]), "two accounts share a folder"
        print(f"{len(folders)} accounts with {len(NAMES)} hostile playlists each")


main()
