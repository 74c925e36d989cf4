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
import signal
import subprocess
import time
from pathlib import Path

from harness import (Counts, arguments, assert_claims_hold, assert_same, command, complaint, engines, generate, lossy_fs,
                     lost_and_doubled, run, scratch, skip, verify)

OPTIONS = ("--slice", "1M", "--threads", "2", "--shards-in-flight", "2", "--ignore-preflight")
SHARDS = ("--shard-size", "3M", "--malformed", "0.02", "--seed", "12")
ACCOUNTS = 300
FINISHES = "exit 1, path and remedy named; then the same command finishes, byte for byte the same"
EXT4_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, as FS_IOC_SHUTDOWN of XFS
NO_LOG_FLUSH = 2            # what the journal has not written is lost, as in a power cut


def sh(*words, check=True):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, (words, done.stderr)
    return done


@contextlib.contextmanager
def mounted(at, *words):
    at.mkdir(exist_ok=True)
    sh("mount", *words, at)
    try:
        yield at
    finally:
        sh("umount", "-l", at, check=False)


def finishes(args, dumps, whole, out, options, counts, fault, injected, done, path=None):
    """The failed command said what it must; the same one now ends as if nothing had been."""
    assert done.returncode == 1, (fault, done)
    complaint(done, path)
    if out.exists():
        assert_claims_hold(out)
    again = run(command(args, dumps, out, *options))
    assert again.returncode == 3, (fault, again)
    lost, doubled = lost_and_doubled(whole, out)
    counts.add(fault, injected, 1, lost, doubled, outcome=FINISHES)
    assert_same(whole, out)
    verify(args, out)


def full_tmpfs(args, work, dumps, whole, options, counts):
    """ENOSPC in the middle of the run; space is freed by making the disk larger."""
    with mounted(work / "tmpfs", "-t", "tmpfs", "-o", "size=2M", "tmpfs") as disk:
        out = disk / "out"
        done = run(command(args, dumps, out, *options))
        assert "No space left on device" in done.stderr or "full" in done.stderr, done.stderr
        assert "free some space" in done.stderr, done.stderr
        sh("mount", "-o", "remount,size=200M", disk)
        finishes(args, dumps, whole, out, options, counts, "the disk is full (ENOSPC)", "a small tmpfs, then a larger one", done, out)


def reserve_of_a_tmpfs(args, work, dumps, whole, options, counts):
    """Without --ignore-preflight the job stops before the disk is full, and leaves room for others."""
    options = tuple(o for o in options if o != "--ignore-preflight")
    with mounted(work / "tmpfs", "-t", "tmpfs", "-o", "size=100M", "tmpfs") as disk:
        out = disk / "out"
        hog = disk / "hog"
        # The preflight sees room; a pipe as input lets another program take it before the first document comes.
        fifo = work / "fifo"
        os.mkfifo(fifo)
        process = subprocess.Popen(command(args, fifo, out, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with open(fifo, "wb") as pipe:
            hog.write_bytes(bytes(36 << 20))
            with contextlib.suppress(BrokenPipeError):
                for shard in sorted(dumps.iterdir()):
                    pipe.write(shard.read_bytes())
        _, errors = process.communicate(timeout=120)
        fifo.unlink()
        done = subprocess.CompletedProcess([], process.returncode, "", errors)
        assert done.returncode == 1 and "kept in reserve" in complaint(done, out), done
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= 63 << 20
        shutil.rmtree(out)
        hog.unlink()
        assert run(command(args, dumps, out, *options)).returncode == 3
        # What is written needs no room again.
        hog.write_bytes(bytes(40 << 20))
        assert run(command(args, dumps, out, *options)).returncode == 3
        counts.add("the disk fills up beside the job", "a small tmpfs", outcome="stops with 64 MiB left; exit 1, path and remedy named")


@contextlib.contextmanager
def ext4(work, image, backing_size, *options):
    """An ext4 on a loop device; its backing file lies on a tmpfs of `backing_size`, so that blocks beyond that fail."""
    with mounted(work / "backing", "-t", "tmpfs", "-o", f"size={backing_size}", "tmpfs") as backing:
        disk = backing / image
        with open(disk, "wb") as file:
            file.truncate(96 << 20)
        sh("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", *options, disk)
        yield disk


def failing_loop(args, work, dumps, whole, options, counts):
    """The device takes no more blocks: the kernel tells by EIO, at the next sync."""
    with ext4(work, "disk", "8M", "-J", "size=4") as disk:
        with mounted(work / "ext4", "-o", "loop,nodiscard", disk) as at:
            out = at / "out"
            done = run(command(args, dumps, out, *options))
            assert done.returncode == 1, done
            complaint(done, out)
        sh("mount", "-o", "remount,size=200M", disk.parent)
        time.sleep(0.2)
        sh("e2fsck", "-fy", disk, check=False)
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            finishes(args, dumps, whole, at / "out", options, counts, "the device fails (EIO)", "a loop device whose backing store takes no more", done)


def shut_down(args, work, dumps, whole, options, counts, times):
    """The file system stops at a random moment and forgets what its journal had not written: a power cut."""
    chance = random.Random(5)
    with ext4(work, "disk", "300M") as disk:
        for _ in range(times):
            cuts = 0
            while True:
                with mounted(work / "ext4", "-o", "loop", disk) as at:
                    out = at / "out"
                    process = subprocess.Popen(command(args, dumps, out, *options), stdout=subprocess.PIPE,
                                               stderr=subprocess.PIPE, text=True)
                    if cuts < 4:
                        time.sleep(chance.uniform(0.02, 0.6))
                        handle = os.open(at, os.O_RDONLY)
                        fcntl.ioctl(handle, EXT4_SHUTDOWN, ctypes.c_uint32(NO_LOG_FLUSH))
                        os.close(handle)
                    _, errors = process.communicate(timeout=120)
                    done = subprocess.CompletedProcess([], process.returncode, "", errors)
                    if process.returncode == 3:
                        if cuts >= 4:
                            break
                    else:
                        # 2: it had not begun yet.
                        assert process.returncode in (1, 2), (process.returncode, errors)
                        complaint(done)
                    cuts += 1
                deadline = time.monotonic() + 10
                while sh("losetup", "-j", disk).stdout and time.monotonic() < deadline:
                    time.sleep(0.01)  # umount -l lets go when the last user does
                with mounted(work / "ext4", "-o", "loop", disk) as at:
                    if (at / "out").exists():
                        assert_claims_hold(at / "out")
            with mounted(work / "ext4", "-o", "loop", disk) as at:
                out = at / "out"
                lost, doubled = lost_and_doubled(whole, out)
                counts.add("the file system shuts down without writing its journal", "ext4, EXT4_IOC_SHUTDOWN, random moments", cuts,
                           lost, doubled, outcome=FINISHES)
                assert_same(whole, out)
                verify(args, out)
                shutil.rmtree(out)


def read_only(args, work, dumps, whole, options, counts):
    """ext4 turns read-only in the middle of the run, as it does when it finds an error."""
    with ext4(work, "disk", "300M") as disk:
        with mounted(work / "ext4", "-o", "loop,errors=remount-ro", disk) as at:
            out = at / "out"
            device = Path(sh("findmnt", "-no", "SOURCE", at).stdout.strip()).name
            trigger = Path(f"/sys/fs/ext4/{device}/trigger_fs_error")
            if not trigger.exists():
                print("read-only: this kernel has no trigger_fs_error; left out")
                return
            process = subprocess.Popen(command(args, dumps, out, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True)
            while not list(out.glob("packs/*.tar.zst")) and process.poll() is None:
                time.sleep(0.005)
            trigger.write_text("outro test")
            _, errors = process.communicate(timeout=120)
            done = subprocess.CompletedProcess([], process.returncode, "", errors)
            assert "mount it writable" in errors or "check the disk" in errors, errors
        sh("e2fsck", "-fy", disk, check=False)
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            finishes(args, dumps, whole, at / "out", options, counts, "the disk turns read-only (EROFS)", "ext4, errors=remount-ro, trigger_fs_error", done)


def file_size_limit(args, work, dumps, whole, options, counts):
    for limit in (20_000, 120_000):
        out = work / "limited"
        done = run(["prlimit", f"--fsize={limit}", *command(args, dumps, out, *options)])
        assert "ulimit -f" in done.stderr, done
        finishes(args, dumps, whole, out, options, counts, "a file size limit (EFBIG, SIGXFSZ)", "prlimit --fsize", done, out)
        shutil.rmtree(out)


def vanishes(args, work, dumps, whole, options, counts):
    out = work / "vanishing"
    process = subprocess.Popen(command(args, dumps, out, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(out.glob("packs/*.tar.zst")):
        time.sleep(0.002)
    process.send_signal(signal.SIGSTOP)  # so that it is all gone before the job's next step
    shutil.rmtree(out)
    process.send_signal(signal.SIGCONT)
    _, errors = process.communicate(timeout=120)
    done = subprocess.CompletedProcess([], process.returncode, "", errors)
    finishes(args, dumps, whole, out, options, counts, "the output directory vanishes", "rm -rf in the middle of the run", done, out)
    shutil.rmtree(out)


def pack_taken_away(args, work, dumps, whole, options, counts):
    """A pack that the ledger has is gone, or not whole: never passed over in silence."""
    out = work / "robbed"
    assert run(command(args, dumps, out, *options)).returncode == 3
    pack = sorted(out.glob("packs/*.tar.zst"))[1]
    good = pack.read_bytes()
    for left in (None, good[:-1]):
        pack.unlink(missing_ok=True)
        if left is not None:
            pack.write_bytes(left)
        for sealed in (True, False):
            if not sealed:
                (out / "SHA256SUMS").unlink(missing_ok=True)
            done = run(command(args, dumps, out, *options))
            assert done.returncode == 1, done
            complaint(done, pack)
    pack.write_bytes(good)
    done = run(command(args, dumps, out, *options))
    assert done.returncode == 3, done
    assert_same(whole, out)
    counts.add("a pack is taken away, or cut", "rm, truncate", 4, outcome="exit 1, path and remedy named")
    shutil.rmtree(out)


def quota(args, work, dumps, whole, options, counts):
    with lossy_fs(args, work) as fs:
        out = fs.at / "out"
        fs.ask(f"fail write 40 {errno.EDQUOT} lasting -")
        done = run(command(args, dumps, out, *options))
        assert "raise the quota" in done.stderr, done
        fs.ask("clear")
        finishes(args, dumps, whole, out, options, counts, "the quota is used up (EDQUOT)", "FUSE", done, out)
        fs.wipe()
        fs.ask("capacity 1000000")
        done = run(command(args, dumps, out, *options))
        fs.ask("capacity 0")
        finishes(args, dumps, whole, out, options, counts, "the disk is full (ENOSPC)", "FUSE with a capacity", done, out)
    (work / "mnt").rmdir()
    (work / "control").unlink()


def unreadable_input(args, work, dumps, options, counts):
    """A read that fails is no end of the file."""
    with lossy_fs(args, work) as fs:
        shutil.copytree(dumps, fs.at / "dumps")
        shards = fs.at / "dumps"
        whole = work / "whole-of-fuse"
        assert run(command(args, shards, whole, *options)).returncode == 3
        for number in (1, 3, 9):
            out = work / "from-fuse"
            fs.ask("clear")
            # The preflight reads the first bytes of each shard, and refuses what it cannot read: later reads are meant.
            fs.ask(f"fail read {number} {errno.EIO} lasting shard-00002")
            done = run(command(args, shards, out, *options))
            hits = fs.ask("hits")
            fs.ask("clear")
            assert hits, (number, done, [s.name for s in shards.iterdir()])
            if done.returncode == 2:
                complaint(done, "shard-00002")
                assert run(command(args, shards, out, *options)).returncode == 3
            else:
                finishes(args, shards, whole, out, options, counts, "a shard cannot be read (EIO)", "FUSE, the n-th read", done, "shard-00002")
            assert_same(whole, out)
            shutil.rmtree(out)
        shutil.rmtree(whole)
    (work / "mnt").rmdir()
    (work / "control").unlink()


def truncated_loop_input(args, work, dumps, options, counts):
    """The shards lie on a loop device whose backing file is cut: reads beyond it are errors, not ends."""
    with ext4(work, "disk", "300M") as disk:
        with mounted(work / "ext4", "-o", "loop", disk) as at:
            for shard in sorted(dumps.iterdir()):
                shutil.copy2(shard, at / shard.name)
            os.sync()
            whole = work / "whole-of-loop"
            assert run(command(args, [at / s.name for s in sorted(dumps.iterdir())], whole, *options)).returncode == 3
        deadline = time.monotonic() + 10
        while sh("losetup", "-j", disk).stdout and time.monotonic() < deadline:
            time.sleep(0.01)
        good = work / "good"
        shutil.copyfile(disk, good)
        with mounted(work / "ext4", "-o", "loop,ro", disk) as at:
            shards = [at / s.name for s in sorted(dumps.iterdir())]
            # The preflight's reads stay in the cache; the rest of the shards is beyond the cut.
            for shard in shards:
                shard.open("rb").read(100_000)
            used = max(int(line.split()[3].split("..")[0]) for shard in shards
                       for line in sh("filefrag", "-b4096", "-v", shard).stdout.splitlines()
                       if line.strip().split(":")[0].isdigit())
            os.truncate(disk, (used + 40) * 4096)
            out = work / "from-loop"
            done = run(command(args, shards, out, *options))
        deadline = time.monotonic() + 10
        while sh("losetup", "-j", disk).stdout and time.monotonic() < deadline:
            time.sleep(0.01)
        shutil.copyfile(good, disk)
        with mounted(work / "ext4", "-o", "loop,ro", disk):
            finishes(args, shards, whole, out, options, counts, "a shard cannot be read (EIO)", "a loop device whose backing file is cut", done, work / "ext4")
        shutil.rmtree(out)
        shutil.rmtree(whole)
        good.unlink()


def main():
    args = arguments(__doc__)
    if os.geteuid() != 0:
        skip("mounting needs root")
    counts = Counts(args)
    with scratch() as work:
        probe = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(work)], capture_output=True, check=False)
        if probe.returncode != 0:
            skip("this machine lets no tmpfs be mounted")
        subprocess.run(["umount", str(work)], check=True)
        dumps = generate(args, work / "input", ACCOUNTS, *SHARDS)
        whole = work / "whole"
        assert run(command(args, dumps, whole, *OPTIONS)).returncode == 3
        verify(args, whole, dumps)
        has_loop = sh("losetup", "-f", check=False).returncode == 0
        if not has_loop:
            print("no loop devices here: what needs them is left out")
        for engine in engines(args, dumps, work):
            options = (*OPTIONS, "--io", engine)
            common = (args, work, dumps, whole, options, counts)
            full_tmpfs(*common)
            reserve_of_a_tmpfs(*common)
            file_size_limit(*common)
            vanishes(*common)
            pack_taken_away(*common)
            if has_loop:
                failing_loop(*common)
                shut_down(*common, times=12 if args.long else 1)
                read_only(*common)
                truncated_loop_input(args, work, dumps, options, counts)
            if args.lossy_fs != "none":
                quota(*common)
                unreadable_input(args, work, dumps, options, counts)
            print(f"{engine}: done", flush=True)
    counts.write()


main()
