"""A command that runs: what it has said so far, and waiting for what it does."""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from testing.commands import check_code, shown, words_of
from testing.waiting import PATIENCE, wait_until


class Job:
    """What it says goes into files, so that no full pipe ever holds it up. Made by `running`."""

    def __init__(self, words, more):
        self.words = words_of(words)
        self.said, self.complained = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.words, stdout=self.said, stderr=self.complained, **more)
        self.pid = self.process.pid

    def has_ended(self):
        return self.process.poll() is not None

    def so_far(self):
        """As run() returns it; the exit code is None while it runs."""
        return subprocess.CompletedProcess(self.words, self.process.poll(), *(
            os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="backslashreplace")
            for file in (self.said, self.complained)))

    def log(self):
        """The whole lines of `--log json`, so far."""
        lines = self.so_far().stderr.splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def reaches(self, condition, what, every=0.005):
        """Waits for the condition. False where the command ended before it held."""
        ended = False

        def holds_or_ended():
            nonlocal ended
            ended = self.has_ended()  # first: what came with the end counts
            return condition() or ended
        found = wait_until(holds_or_ended, lambda: f"{what}\n{shown(self.so_far())}", every=every)
        return found if not ended else condition()

    def wait_for(self, condition, what):
        """Waits for the condition, which must hold while the command runs, or with its end."""
        found = self.reaches(condition, what)
        assert found, f"ended before {what}\n{shown(self.so_far())}"
        return found

    def wait_for_log(self, *ids):
        """Waits for a line of the log with one of these message ids, and returns it."""
        return self.wait_for(lambda: next((line for line in self.log() if line["id"] in ids), None), " or ".join(ids))

    def send(self, number):
        self.process.send_signal(number)

    def pause(self):
        """Stops it; when this returns, no thread of it runs. False where it has ended."""
        self.send(signal.SIGSTOP)

        def stands_still():
            with contextlib.suppress(OSError):  # a thread may end meanwhile
                tasks = list(Path(f"/proc/{self.pid}/task").iterdir())
                return all((t / "stat").read_text().rsplit(")", 1)[1].split()[0] in "TZX" for t in tasks)
            return False
        wait_until(lambda: self.has_ended() or stands_still(), "all threads stopped", every=0.001)
        return not self.has_ended()

    def go_on(self):
        self.send(signal.SIGCONT)

    def cpu_seconds(self):
        """Of all its threads, while it runs."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, code=0):
        """Waits for its end, which must be with this exit code; see check_code."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"did not end within {PATIENCE} s\n{shown(self.so_far())}") from None
        return check_code(self.so_far(), code)


@contextlib.contextmanager
def running(*words, **more):
    """Starts a command, and kills it at the end where it still runs. `more`: as for subprocess.Popen."""
    job = Job(words, more)
    try:
        yield job
    finally:
        if not job.has_ended():
            job.process.kill()
            job.process.wait()
        job.said.close()
        job.complained.close()


def open_fifo(fifo, job, mode="wb"):
    """Opens a FIFO for writing once the job reads it; fails, where open() would wait for ever, when the job ends first."""
    def opened():
        with contextlib.suppress(OSError):  # ENXIO: nobody reads yet
            return os.fdopen(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK), mode)
    file = job.wait_for(opened, f"a reader of {fifo}")
    os.set_blocking(file.fileno(), True)
    return file
