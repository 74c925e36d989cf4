"""Dumps for the tests."""
from testing.commands import run
from testing.programs import GENERATE


def generate(out, accounts, *options):
    """Fills OUT with the dumps of so many accounts; returns the folder of its shards."""
    run(GENERATE, "--out", out, "--accounts", accounts, *options)
    return out / "dumps"


def lines_of(dumps):
    """All documents of plain shards, in order."""
    return "".join(shard.read_text() for shard in sorted(dumps.iterdir())).splitlines()


def pad(dumps):
    """Blank lines at the end make each shard large enough to be a unit of its own, so that units run side by side."""
    for shard in dumps.iterdir():
        with open(shard, "ab") as file:
            file.write(b"\n" * max(0, (16 << 20) - file.tell()))
    return dumps
