"""Commands that are run to their end. Every failure shows the command, its exit code and all that it said."""
import json
import os
import resource
import shlex
import subprocess

from testing.programs import OUTRO
from testing.waiting import PATIENCE


def words_of(words):
    """As the system takes them. Bytes stay, for names in any encoding."""
    return [w if isinstance(w, bytes) else os.fspath(w) if hasattr(w, "__fspath__") else str(w) for w in words]


def shown(done):
    """A command and its end, for people."""
    def text(said):
        return said.decode(errors="backslashreplace") if isinstance(said, bytes) else said or ""
    words = shlex.join(os.fsdecode(w) for w in done.args)
    return f"$ {words}\nexit {done.returncode}\nstdout: {text(done.stdout)}\nstderr: {text(done.stderr)}"


def check_code(done, code):
    """`code`: a number, several, or None for any."""
    if code is not None:
        codes = (code,) if isinstance(code, int) else code
        assert done.returncode in codes, f"exit {done.returncode}, expected {code}\n{shown(done)}"
    return done


def run(*words, code=0, text=True, timeout=PATIENCE, **more):
    """Runs a command to its end, which must be with this exit code; see check_code. `more`: as for subprocess.run."""
    words = words_of(words)
    try:
        done = subprocess.run(words, capture_output=True, text=text, timeout=timeout, check=False, **more)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"did not end within {timeout} s: {shlex.join(os.fsdecode(w) for w in words)}") from None
    return check_code(done, code)


def outro(*words, **more):
    return run(OUTRO, *words, **more)


def export_words(dumps, out, *options):
    """`dumps`: one path or several."""
    dumps = dumps if isinstance(dumps, (list, tuple)) else [dumps]
    return [OUTRO, "export", *dumps, "--out", out, *options]


def export(dumps, out, *options, **more):
    return run(*export_words(dumps, out, *options), **more)


def verify(out, *options, **more):
    return outro("verify", out, "--quiet", *options, **more)


def status_of(out):
    """The exit code of `outro status` and its JSON."""
    done = outro("status", out, "--json", code=None)
    assert done.stdout, shown(done)
    return done.returncode, json.loads(done.stdout)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def listed(out, *options):
    """What `outro list --json` prints, one object a line."""
    return json_lines(outro("list", out, *options, "--json").stdout)


def complaint(done, path=None):
    """The one line that a failed command said, with a remedy; `path`: what it must name."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("outro: ")]
    assert len(lines) == 1, f"not one message\n{shown(done)}"
    assert path is None or str(path) in lines[0], f"{path} is not named: {lines[0]}"
    assert ";" in lines[0], f"no remedy: {lines[0]}"
    return lines[0]


def children_cpu():
    """CPU seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
