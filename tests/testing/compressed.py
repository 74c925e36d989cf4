"""The `zstd` program, so that what Outro writes is read by something else."""
from testing.commands import run


def zstd(content, *options):
    return run("zstd", "-q", "-c", *options, input=content, text=False).stdout


def unzstd(*paths):
    """What these files hold, in order."""
    return run("zstd", "-dqc", *paths, text=False).stdout
