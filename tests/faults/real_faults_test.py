#!/usr/bin/env python3
"""Faults of real disks: full, failing, read-only, shut down, gone, over a limit; on the output's side and on the input's.

Each time: exit 1, one message with the path and the remedy, nothing corrupt; then, with the fault mended, the same command
ends as if nothing had been. Mounts file systems, so it needs root."""
import contextlib
import ctypes
import errno
import fcntl
import os
import random
import shutil
from pathlib import Path

from counts import Counts
from driver import arguments, engines, export, export_words, verify
from lossy_fs import lossy_fs
from testing.commands import check_code, complaint, run
from testing.dumps import generate
from testing.jobs import open_fifo, running
from testing.outputs import bytes_of, claimed_slices, expect_same, lost_and_doubled, pack_paths
from testing.programs import LOSSY_FS
from testing.promises import expect_in, promise, skip
from testing.scratch import scratch
from testing.waiting import wait_until

OPTIONS = ("--slice", "1M", "--threads", "2", "--shards-in-flight", "2", "--ignore-preflight")
SHARDS = ("--shard-size", "3M", "--malformed", "0.02", "--seed", "12")
ACCOUNTS = 300
FINISHES = "exit 1, path and remedy named; then the same command finishes, byte for byte the same"
EXT4_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, as FS_IOC_SHUTDOWN of XFS
NO_LOG_FLUSH = 2            # what the journal has not written is lost, as in a power cut


@contextlib.contextmanager
def mounted(at, *words):
    at.mkdir(exist_ok=True)
    run("mount", *words, at)
    try:
        yield at
    finally:
        run("umount", "-l", at, code=None)


def finishes(dumps, whole, out, options, counts, fault, injected, done, path=None):
    """The failed command said what it must; the same one now ends as if nothing had been."""
    check_code(done, 1)
    complaint(done, path)
    if out.exists():
        claimed_slices(out)
    export(dumps, out, *options)
    lost, doubled = lost_and_doubled(whole, out)
    counts.add(fault, injected, 1, lost, doubled, outcome=FINISHES)
    expect_same(whole, out)
    verify(out)


def a_full_disk_stops_it(work, dumps, whole, options, counts):
    """ENOSPC in the middle of the run; space is freed by making the disk larger."""
    with mounted(work / "tmpfs", "-t", "tmpfs", "-o", "size=2M", "tmpfs") as disk:
        out = disk / "out"
        done = export(dumps, out, *options, code=None)
        assert "No space left on device" in done.stderr or "full" in done.stderr, done.stderr
        assert "free some space" in done.stderr, done.stderr
        run("mount", "-o", "remount,size=200M", disk)
        finishes(dumps, whole, out, options, counts, "the disk is full (ENOSPC)", "a small tmpfs, then a larger one", done, out)


def room_for_others_is_left(work, dumps, whole, options, counts):
    """Without --ignore-preflight the job stops before the disk is full, and leaves room for others."""
    options = tuple(o for o in options if o != "--ignore-preflight")
    with mounted(work / "tmpfs", "-t", "tmpfs", "-o", "size=100M", "tmpfs") as disk:
        out = disk / "out"
        hog = disk / "hog"
        # The preflight sees room; a pipe as input lets another program take it before the first document comes.
        fifo = work / "fifo"
        os.mkfifo(fifo)
        with running(*export_words(fifo, out, *options)) as job:
            with contextlib.suppress(BrokenPipeError), open_fifo(fifo, job) as pipe:
                hog.write_bytes(bytes(36 << 20))
                for shard in sorted(dumps.iterdir()):
                    pipe.write(shard.read_bytes())
            done = job.end(code=1)
        fifo.unlink()
        expect_in("kept in reserve", complaint(done, out))
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= 63 << 20
        shutil.rmtree(out)
        hog.unlink()
        export(dumps, out, *options)
        # What is written needs no room again.
        hog.write_bytes(bytes(40 << 20))
        export(dumps, out, *options)
        counts.add("the disk fills up beside the job", "a small tmpfs", outcome="stops with 64 MiB left; exit 1, path and remedy named")


@contextlib.contextmanager
def ext4(work, image, backing_size, *options):
    """An ext4 on a loop device; its backing file lies on a tmpfs of `backing_size`, so that blocks beyond that fail."""
    with mounted(work / "backing", "-t", "tmpfs", "-o", f"size={backing_size}", "tmpfs") as backing:
        disk = backing / image
        with open(disk, "wb") as file:
            file.truncate(96 << 20)
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", *options, disk)
        yield disk


def is_in_use(disk):
    """By a loop device."""
    return run("losetup", "-j", disk).stdout != ""


def a_failing_device_stops_it(work, dumps, whole, options, counts):
    """The device takes no more blocks: the kernel tells by EIO, at the next sync."""
    with ext4(work, "disk", "8M", "-J", "size=4") as disk:
        with mounted(work / "ext4", "-o", "loop,nodiscard", disk) as at:
            out = at / "out"
            done = export(dumps, out, *options, code=None)
            assert done.returncode == 1, done
            complaint(done, out)
        run("mount", "-o", "remount,size=200M", disk.parent)
        wait_until(lambda: not is_in_use(disk), "the loop device lets go")  # umount -l ends when its last user does
        run("e2fsck", "-fy", disk, code=None)
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            finishes(dumps, whole, at / "out", options, counts, "the device fails (EIO)", "a loop device whose backing store takes no more", done)


def a_file_system_shut_down_loses_nothing(work, dumps, whole, options, counts, times):
    """The file system stops at a random moment and forgets what its journal had not written: a power cut."""
    chance, most = random.Random(5), bytes_of(whole)
    with ext4(work, "disk", "300M") as disk:
        for _ in range(times):
            cuts = 0
            while True:
                with mounted(work / "ext4", "-o", "loop", disk) as at:
                    out = at / "out"
                    with running(*export_words(dumps, out, *options)) as job:
                        if cuts < 4:
                            # By what is done and not by the clock; from nothing at all on.
                            enough = bytes_of(out) + chance.uniform(0, most / 3)
                            job.reaches(lambda: bytes_of(out) >= enough, f"{enough} bytes", every=0.001)
                            handle = os.open(at, os.O_RDONLY)
                            fcntl.ioctl(handle, EXT4_SHUTDOWN, ctypes.c_uint32(NO_LOG_FLUSH))
                            os.close(handle)
                        done = job.end(code=(1, 2, 3))  # 2: it had not begun yet
                    if done.returncode != 3:
                        complaint(done)
                    elif cuts >= 4:
                        break
                    cuts += 1
                wait_until(lambda: not is_in_use(disk), "the loop device lets go")
                with mounted(work / "ext4", "-o", "loop", disk) as at:
                    if (at / "out").exists():
                        claimed_slices(at / "out")
            with mounted(work / "ext4", "-o", "loop", disk) as at:
                out = at / "out"
                lost, doubled = lost_and_doubled(whole, out)
                counts.add("the file system shuts down without writing its journal", "ext4, EXT4_IOC_SHUTDOWN, random moments", cuts,
                           lost, doubled, outcome=FINISHES)
                expect_same(whole, out)
                verify(out)
                shutil.rmtree(out)


def a_read_only_disk_stops_it(work, dumps, whole, options, counts):
    """ext4 turns read-only in the middle of the run, as it does when it finds an error."""
    with ext4(work, "disk", "300M") as disk:
        with mounted(work / "ext4", "-o", "loop,errors=remount-ro", disk) as at:
            out = at / "out"
            device = Path(run("findmnt", "-no", "SOURCE", at).stdout.strip()).name
            trigger = Path(f"/sys/fs/ext4/{device}/trigger_fs_error")
            if not trigger.exists():
                print("read-only: this kernel has no trigger_fs_error; left out")
                return
            with running(*export_words(dumps, out, *options)) as job:
                job.wait_for(lambda: pack_paths(out), "a pack")
                job.pause()
                trigger.write_text("outro test")
                job.go_on()
                done = job.end(code=1)
            assert "mount it writable" in done.stderr or "check the disk" in done.stderr, done.stderr
        run("e2fsck", "-fy", disk, code=None)
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            finishes(dumps, whole, at / "out", options, counts, "the disk turns read-only (EROFS)", "ext4, errors=remount-ro, trigger_fs_error", done)


def a_file_size_limit_stops_it(work, dumps, whole, options, counts):
    for limit in (20_000, 120_000):
        out = work / "limited"
        done = run("prlimit", f"--fsize={limit}", *export_words(dumps, out, *options), code=None)
        assert "ulimit -f" in done.stderr, done
        finishes(dumps, whole, out, options, counts, "a file size limit (EFBIG, SIGXFSZ)", "prlimit --fsize", done, out)
        shutil.rmtree(out)


def a_vanished_output_is_told(work, dumps, whole, options, counts):
    out = work / "vanishing"
    with running(*export_words(dumps, out, *options)) as job:
        job.wait_for(lambda: pack_paths(out), "a pack")
        assert job.pause(), "it ended before its directory could go"  # so that it is all gone before the job's next step
        shutil.rmtree(out)
        job.go_on()
        done = job.end(code=1)
    finishes(dumps, whole, out, options, counts, "the output directory vanishes", "rm -rf in the middle of the run", done, out)
    shutil.rmtree(out)


def a_missing_pack_is_never_passed_over(work, dumps, whole, options, counts):
    """A pack that the ledger has is gone, or not whole: never passed over in silence."""
    out = work / "robbed"
    export(dumps, out, *options)
    pack = sorted(out.glob("packs/*.tar.zst"))[1]
    good = pack.read_bytes()
    for left in (None, good[:-1]):
        pack.unlink(missing_ok=True)
        if left is not None:
            pack.write_bytes(left)
        for sealed in (True, False):
            if not sealed:
                (out / "SHA256SUMS").unlink(missing_ok=True)
            done = export(dumps, out, *options, code=None)
            assert done.returncode == 1, done
            complaint(done, pack)
    pack.write_bytes(good)
    done = export(dumps, out, *options, code=None)
    assert done.returncode == 3, done
    expect_same(whole, out)
    counts.add("a pack is taken away, or cut", "rm, truncate", 4, outcome="exit 1, path and remedy named")
    shutil.rmtree(out)


def a_used_up_quota_stops_it(work, dumps, whole, options, counts):
    with lossy_fs(work) as fs:
        out = fs.at / "out"
        fs.ask(f"fail write 40 {errno.EDQUOT} lasting -")
        done = export(dumps, out, *options, code=None)
        assert "raise the quota" in done.stderr, done
        fs.ask("clear")
        finishes(dumps, whole, out, options, counts, "the quota is used up (EDQUOT)", "FUSE", done, out)
        fs.wipe()
        fs.ask("capacity 1000000")
        done = export(dumps, out, *options, code=None)
        fs.ask("capacity 0")
        finishes(dumps, whole, out, options, counts, "the disk is full (ENOSPC)", "FUSE with a capacity", done, out)
    (work / "mnt").rmdir()
    (work / "control").unlink()


def a_read_that_fails_is_no_end(work, dumps, options, counts):
    """A read that fails is no end of the file."""
    with lossy_fs(work) as fs:
        shutil.copytree(dumps, fs.at / "dumps")
        shards = fs.at / "dumps"
        whole = work / "whole-of-fuse"
        export(shards, whole, *options)
        for number in (1, 3, 9):
            out = work / "from-fuse"
            fs.ask("clear")
            # The preflight reads the first bytes of each shard, and refuses what it cannot read: later reads are meant.
            fs.ask(f"fail read {number} {errno.EIO} lasting shard-00002")
            done = export(shards, out, *options, code=None)
            hits = fs.ask("hits")
            fs.ask("clear")
            assert hits, (number, done, [s.name for s in shards.iterdir()])
            if done.returncode == 2:
                complaint(done, "shard-00002")
                export(shards, out, *options)
            else:
                finishes(shards, whole, out, options, counts, "a shard cannot be read (EIO)", "FUSE, the n-th read", done, "shard-00002")
            expect_same(whole, out)
            shutil.rmtree(out)
        shutil.rmtree(whole)
    (work / "mnt").rmdir()
    (work / "control").unlink()


def an_input_that_is_cut_below_it_is_no_end(work, dumps, options, counts):
    """The shards lie on a loop device whose backing file is cut: reads beyond it are errors, not ends."""
    with ext4(work, "disk", "300M") as disk:
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            for shard in sorted(dumps.iterdir()):
                shutil.copy2(shard, at / shard.name)
            os.sync()
            whole = work / "whole-of-loop"
            export([at / s.name for s in sorted(dumps.iterdir())], whole, *options)
        wait_until(lambda: not is_in_use(disk), "the loop device lets go")
        good = work / "good"
        shutil.copyfile(disk, good)
        with mounted(work / "ext4", "-o", "loop,ro", disk) as at:
            shards = [at / s.name for s in sorted(dumps.iterdir())]
            # The preflight's reads stay in the cache; the rest of the shards is beyond the cut.
            for shard in shards:
                shard.open("rb").read(100_000)
            used = max(int(line.split()[3].split("..")[0]) for shard in shards
                       for line in run("filefrag", "-b4096", "-v", shard).stdout.splitlines()
                       if line.strip().split(":")[0].isdigit())
            os.truncate(disk, (used + 40) * 4096)
            out = work / "from-loop"
            done = export(shards, out, *options, code=None)
        wait_until(lambda: not is_in_use(disk), "the loop device lets go")
        shutil.copyfile(good, disk)
        with mounted(work / "ext4", "-o", "loop,ro", disk):
            finishes(shards, whole, out, options, counts, "a shard cannot be read (EIO)", "a loop device whose backing file is cut", done, work / "ext4")
        shutil.rmtree(out)
        shutil.rmtree(whole)
        good.unlink()


def main():
    args = arguments(__doc__)
    if os.geteuid() != 0:
        skip("mounting needs root")
    counts = Counts(args.results)
    with scratch() as work:
        if run("mount", "-t", "tmpfs", "tmpfs", work, code=None).returncode != 0:
            skip("this machine lets no tmpfs be mounted")
        run("umount", work)
        dumps = generate(work / "input", ACCOUNTS, *SHARDS)
        whole = work / "whole"
        export(dumps, whole, *OPTIONS)
        verify(whole, dumps)
        has_loop = run("losetup", "-f", code=None).returncode == 0
        if not has_loop:
            print("no loop devices here: what needs them is left out")
        for engine in engines(dumps, work):
            options = (*OPTIONS, "--io", engine)
            common = (work, dumps, whole, options, counts)
            promise(a_full_disk_stops_it, *common)
            promise(room_for_others_is_left, *common)
            promise(a_file_size_limit_stops_it, *common)
            promise(a_vanished_output_is_told, *common)
            promise(a_missing_pack_is_never_passed_over, *common)
            if has_loop:
                promise(a_failing_device_stops_it, *common)
                promise(a_file_system_shut_down_loses_nothing, *common, 12 if args.long else 1)
                promise(a_read_only_disk_stops_it, *common)
                promise(an_input_that_is_cut_below_it_is_no_end, work, dumps, options, counts)
            if os.path.exists(LOSSY_FS):
                promise(a_used_up_quota_stops_it, *common)
                promise(a_read_that_fails_is_no_end, work, dumps, options, counts)
            print(f"{engine}: done", flush=True)
    counts.write()


main()
