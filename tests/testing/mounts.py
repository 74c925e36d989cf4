"""File systems of their own, where this machine lets root mount them."""
import contextlib
import subprocess

from testing.commands import run
from testing.promises import skip


def _mount(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip(f"nothing can be mounted here: {done.stderr.strip()}")


@contextlib.contextmanager
def _mounted(path, *words):
    path.mkdir(exist_ok=True)
    _mount(*words, path)
    try:
        yield path
    finally:
        run("umount", path)


def tmpfs(path, options):
    return _mounted(path, "mount", "-t", "tmpfs", "-o", options, "outro-test")


def ext4(path, size, *options):
    """On a file beside it, through a loop device."""
    image = path.with_name(path.name + ".img")
    with open(image, "wb") as file:
        file.truncate(size)
    run("mkfs.ext4", "-q", "-F", *options, image)
    return _mounted(path, "mount", "-o", "loop", image)
