#!/usr/bin/env python3
"""The progress line fits the terminal, as wide as it is at the moment, and takes no escape sequences; where a terminal cannot go back
to a line's begin there are plain lines, as in a log."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

from testing.commands import export_words
from testing.promises import expect_equal, promise
from testing.scratch import scratch
from testing.waiting import wait_until


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Terminal:
    """An export whose standard error is a terminal, and whose input is a pipe that lasts as long as wanted."""

    def __init__(self, work, columns, **environment):
        self.ours, theirs = pty.openpty()
        resize(self.ours, columns)
        self.input_end, feed = os.pipe()
        number = len(list(work.iterdir()))
        self.job = subprocess.Popen(export_words("-", work / f"out{number}"), stdin=self.input_end, stdout=subprocess.DEVNULL, stderr=theirs,
                                    env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **environment})
        os.close(theirs)
        os.close(self.input_end)
        self.feed = feed
        self.said = b""

    def read(self):
        while select.select([self.ours], [], [], 0)[0]:
            try:
                more = os.read(self.ours, 1 << 16)
            except OSError:  # EIO: the other side is closed
                return
            if not more:
                return
            self.said += more

    def wait_for_lines(self, more):
        """Waits until the progress line was written so many times more."""
        def lines():
            self.read()
            return self.said.replace(b"\r\n", b"\n").count(b"\r")
        before = lines()

        def written():
            return lines() >= before + more
        wait_until(written, lambda: f"progress on the terminal, which has {self.said!r}")

    def end(self):
        os.close(self.feed)

        def ended():
            self.read()
            return self.job.poll() is not None
        wait_until(ended, "the end of the export")
        self.read()
        expect_equal(self.job.returncode, 0, self.said)
        os.close(self.ours)
        return self.said.decode()


def widths(said):
    """Of everything that was written over: columns from the begin of a line on."""
    rewritten = [part for line in said.replace("\r\n", "\n").split("\n") for part in line.split("\r")[1:]]
    assert rewritten, said
    return [len(part.rstrip("\b").rstrip(" ")) for part in rewritten], [len(part.replace("\b", "")) for part in rewritten]


def the_line_fits_a_narrow_terminal(work):
    for columns in (20, 40, 132):
        terminal = Terminal(work, columns)
        terminal.wait_for_lines(3)
        said = terminal.end()
        text, written = widths(said)
        assert max(written) < columns and max(text) > 10, (columns, said)
        assert "\x1b" not in said, said


def the_line_follows_the_window(work):
    terminal = Terminal(work, 120)
    terminal.wait_for_lines(2)
    terminal.read()
    wide = terminal.said.decode()
    resize(terminal.ours, 30)
    terminal.wait_for_lines(2)  # one may have been on its way
    terminal.read()
    seen = len(terminal.said)
    terminal.wait_for_lines(3)
    terminal.read()
    narrow = terminal.said[seen:].decode()
    terminal.end()
    assert max(widths(wide)[1]) >= 30, wide
    assert max(widths("\r" + narrow.split("\r", 1)[1])[1]) < 30, narrow


def a_terminal_that_cannot_go_back_gets_plain_lines(work):
    for kind in ("dumb", ""):
        terminal = Terminal(work, 80, TERM=kind)
        os.write(terminal.feed, b'{"userId":1}\n')
        said = terminal.end()
        assert "\x1b" not in said and "\b" not in said and "\r" not in said.replace("\r\n", "\n"), said
        assert "input" in said, said


def nothing_is_coloured(work):
    for environment in ({"NO_COLOR": "1"}, {}, {"TERM": "linux"}):
        terminal = Terminal(work, 80, **environment)
        terminal.wait_for_lines(2)
        assert "\x1b" not in terminal.end()


def main():
    with scratch() as work:
        for check in (the_line_fits_a_narrow_terminal, the_line_follows_the_window, a_terminal_that_cannot_go_back_gets_plain_lines,
                      nothing_is_coloured):
            promise(check, work)


main()
