#!/usr/bin/env python3
"""What lies beneath OUT: a disk that is not mounted, one without inodes, fsck's folder, and lists that let others read."""
import json
import os
import shutil
import stat
import struct

from testing.commands import complaint, export, outro, run, verify
from testing.dumps import generate
from testing.mounts import ext4, tmpfs
from testing.promises import expect_equal, expect_in, promise, skip
from testing.scratch import scratch

NOBODY = 65534
MANY = 400  # shards that are units of their own are 16 MiB; slices of 1 KiB make many files of few bytes


def dump(path, first=1000, count=3):
    path.write_text("".join(f'{{"userId":{first + i},"exportedAt":1611800000000,"comments":[{{"message":"{"x" * 900}"}}]}}\n' for i in range(count)))
    return path


def tree(folder):
    return sorted(str(p) for p in folder.rglob("*"))


def begun(done):
    return [json.loads(line) for line in done.stderr.splitlines() if '"DIRECTORY_BEGUN"' in line]


def a_new_directory_names_its_device(work):
    shard = dump(work / "d.ndjson")
    with tmpfs(work / "disk", "size=200m,mode=755") as disk:
        done = export(shard, disk / "out")
        expect_in(f"new directory on outro-test (tmpfs, mounted at {disk}), ", done.stderr)
        assert "new directory on" not in export(dump(work / "e.ndjson", 2000), disk / "out").stderr
        line, = begun(export(shard, disk / "other", "--log", "json"))
        expect_equal((line["device"], line["mountPoint"], line["fileSystem"]), ("outro-test", str(disk), "tmpfs"))


def an_unmounted_disk_is_not_taken_for_a_new_directory(work):
    """The case itself: run 1 went to the disk, the disk is gone, and the mount point is an empty folder."""
    shard = dump(work / "d.ndjson")
    more = dump(work / "e.ndjson", 2000)
    (work / "disk").mkdir()
    with ext4(work / "disk", 200 << 20) as disk:
        export(shard, disk / "out", "--quiet")
    before = tree(work / "disk")
    said = complaint(export(more, work / "disk" / "out", "--existing", code=2), work / "disk" / "out")
    expect_in("mount what belongs there", said)
    expect_equal(tree(work / "disk"), before)
    run("mount", "-o", "loop", work / "disk.img", work / "disk")  # as it says
    try:
        export(more, work / "disk" / "out", "--existing", "--quiet")
        expect_in("runs          2", verify(work / "disk" / "out").stdout)
    finally:
        run("umount", work / "disk")


def too_few_inodes_are_told_before_anything_is_written(work):
    shard = dump(work / "d.ndjson", count=MANY)
    with tmpfs(work / "few", f"size=200m,nr_inodes={MANY // 2},mode=755") as disk:
        said = complaint(export(shard, disk / "out", "--slice", "1K", code=2), disk)
        expect_in("df -i", said)
        expect_equal(tree(disk), [])
        export(shard, disk / "out", "--quiet")  # fewer and larger slices
    with tmpfs(work / "enough", f"size=200m,nr_inodes={3 * MANY},mode=755") as disk:
        export(shard, disk / "out", "--slice", "1K", "--quiet")


def fscks_folder_is_nobodys_data(work):
    with ext4(work / "in", 64 << 20) as dumps, ext4(work / "out", 200 << 20) as out:
        dump(dumps / "d.ndjson")
        (dumps / "lost+found" / "#12").write_text("not json")
        (out / "lost+found" / "#13").write_text("of fsck")
        done = export(dumps, out)
        expect_in("lost+found", done.stderr)
        said = verify(out, "--against", dumps).stdout
        expect_in("SAFE TO ERASE SOURCE: yes", said)
        assert "lost+found" not in (out / "SHA256SUMS").read_text()
        outro("rebuild", out)
        expect_in("SAFE TO ERASE SOURCE", verify(out, code=(0, 3)).stdout)
        expect_equal((out / "lost+found" / "#13").read_text(), "of fsck")


def default_list(folder):
    """A default access control list (acl(5)) by which another user may do anything with whatever is made in the folder."""
    everything, undefined = 7, 0xffffffff
    entries = [(0x01, everything, undefined), (0x02, everything, NOBODY), (0x04, everything, undefined), (0x10, everything, undefined), (0x20, 5, undefined)]
    os.setxattr(folder, "system.posix_acl_default", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries))


def nobody_reads(path):
    return run("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "cat", path, code=None, text=False).returncode == 0


def a_list_that_a_folder_hands_down_lets_nobody_read(work):
    with ext4(work / "disk", 200 << 20) as disk:
        default_list(disk)
        os.chmod(work, 0o755)
        readable = disk / "readable"
        readable.write_text("x")
        assert nobody_reads(readable), "the list grants nothing: the test shows nothing"
        dumps = disk / "dumps.ndjson"
        dump(dumps).write_text(dumps.read_text() + "broken\n")
        for umask in (0o000, 0o022, 0o077):
            mine = disk / f"mine{umask}"
            mine.mkdir()
            run("chmod", "755", mine)
            default_list(mine)
            for out in (disk / f"new{umask}", mine):
                export(dumps, out, "--quiet", code=3, umask=umask)
                for path in out.rglob("*"):
                    expect_equal(stat.S_IMODE(path.lstat().st_mode), 0o700 if path.is_dir() else 0o600, path)
                    assert path.is_dir() or not nobody_reads(path), path
                expect_in("SAFE TO ERASE SOURCE: yes", verify(out, "--accept-dead-letters").stdout)
                os.remove(out / "SHA256SUMS")
                shutil.rmtree(out / "dead-letters")
                outro("rebuild", out, code=None, umask=umask)
                expect_equal(stat.S_IMODE((out / "ledger.sqlite").stat().st_mode), 0o600, out)
                outro("extract", out, "--account", 1000, "--as", "dump", "--to", disk / f"{out.name}.json", code=None, umask=umask)
                assert not (disk / f"{out.name}.json").exists() or not nobody_reads(disk / f"{out.name}.json")


def what_sqlite_sorts_needs_no_other_room_than_out(work):
    """No folder for temporary files has room; neither is looked at."""
    dumps = generate(work / "input", 300)
    with tmpfs(work / "tmp", "size=4k,mode=1777") as tiny:
        full = tiny / "full"
        full.write_bytes(b"x" * 4096)
        surroundings = {**os.environ, "TMPDIR": str(tiny), "SQLITE_TMPDIR": str(tiny)}
        export(dumps, work / "out", "--quiet", env=surroundings)
        expect_in("SAFE TO ERASE SOURCE: yes", verify(work / "out", "--against", dumps, env=surroundings).stdout)


def main():
    if os.geteuid() != 0:
        skip("only root can mount file systems")
    for test in (a_new_directory_names_its_device, an_unmounted_disk_is_not_taken_for_a_new_directory, too_few_inodes_are_told_before_anything_is_written,
                 fscks_folder_is_nobodys_data, a_list_that_a_folder_hands_down_lets_nobody_read, what_sqlite_sorts_needs_no_other_room_than_out):
        with scratch() as work:
            promise(test, work)


main()
