"""A folder for one test."""
import contextlib
import tempfile
from pathlib import Path


@contextlib.contextmanager
def scratch():
    """A new folder, which goes with everything in it."""
    with tempfile.TemporaryDirectory(prefix="outro-test-") as folder:
        yield Path(folder)
