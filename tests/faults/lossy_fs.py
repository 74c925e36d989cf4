"""The file-system double (lossy_fs.cpp), mounted for one test. Skips where there is none."""
import contextlib
import os
import shutil
import socket
import subprocess

from testing.commands import run
from testing.programs import LOSSY_FS
from testing.promises import skip
from testing.waiting import PATIENCE, wait_until


class LossyFs:
    """The file-system double, mounted at `at`."""

    def __init__(self, binary, folder):
        self.at = folder / "mnt"
        self.at.mkdir()
        self.socket = folder / "control"
        # Where two are alike, the shorter path: a socket's name has room for 107 bytes.
        self.process = subprocess.Popen([binary, str(self.at), str(self.socket)])

    def is_mounted(self):
        """False where the machine lets nothing be mounted."""
        wait_until(lambda: self.socket.exists() or self.process.poll() is not None, "the file-system double is mounted")
        return self.process.poll() is None

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self.socket))
            peer.sendall(line.encode() + b"\n")
            answer = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
        lines = answer.splitlines()
        assert lines and lines[-1] == "ok", (line, answer)
        return lines[:-1]

    def counts(self):
        return {kind: int(n) for kind, n in (line.split() for line in self.ask("counts"))}

    def wipe(self):
        """Empties it, for good: no power cut brings anything back."""
        self.ask("clear")
        for path in self.at.iterdir():
            shutil.rmtree(path)
        root = os.open(self.at, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(root)
        os.close(root)

    def close(self):
        try:
            self.ask("quit")
            self.process.wait(PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
            run("umount", "-l", self.at, code=None)


@contextlib.contextmanager
def lossy_fs(folder):
    if not os.path.exists(LOSSY_FS):
        skip("built without libfuse3")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        skip("/dev/fuse cannot be opened")
    fs = LossyFs(LOSSY_FS, folder)
    try:
        if not fs.is_mounted():
            skip("this machine lets no FUSE file system be mounted")
        yield fs
    finally:
        fs.close()
