#!/usr/bin/env python3
"""The units in tools/deploy are what systemd takes, expose little, and stop without having failed."""
import configparser
import re
import shutil

from testing.commands import run, shown
from testing.programs import OUTRO, ROOT
from testing.promises import expect_equal, promise, skip
from testing.scratch import scratch

DEPLOY = ROOT / "tools/deploy"
STOPPED_BY_SIGNAL = {"129", "130", "143"}  # README.md, the table of exit codes
MOST_EXPOSURE = 2.0  # of 10, as systemd counts it; below 2 it says OK, with a smile


def unit():
    text = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    text.optionxform = str
    text.read(DEPLOY / "outro.service")
    return text["Service"]


def a_stop_is_no_failure_and_a_foreign_signal_begins_again():
    service = unit()
    expect_equal(set(service["SuccessExitStatus"].split()), STOPPED_BY_SIGNAL)
    # Success is not restarted by on-failure; `systemctl stop` never restarts, whatever this says.
    expect_equal(set(service["RestartForceExitStatus"].split()), STOPPED_BY_SIGNAL)
    assert not STOPPED_BY_SIGNAL & set(service["RestartPreventExitStatus"].split())


def systemd_takes_the_units(work):
    for name in ("outro.service", "outro.timer"):
        shutil.copy(DEPLOY / name, work)
    path = work / "outro.service"
    path.write_text(path.read_text().replace("/usr/local/bin/outro", OUTRO))
    done = run("systemd-analyze", "verify", path, work / "outro.timer")
    said = [line for line in done.stderr.splitlines() if "outro" in line]
    assert not said, shown(done)


def systemd_finds_little_exposed():
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", DEPLOY / "outro.service")
    found = re.search(r"Overall exposure level for outro.service: ([0-9.]+)", done.stdout)
    assert found, shown(done)
    assert float(found[1]) <= MOST_EXPOSURE, shown(done)


def main():
    promise(a_stop_is_no_failure_and_a_foreign_signal_begins_again)
    if shutil.which("systemd-analyze") is None:
        skip("systemd-analyze is not installed")
    with scratch() as work:
        promise(systemd_takes_the_units, work)
    promise(systemd_finds_little_exposed)


main()
