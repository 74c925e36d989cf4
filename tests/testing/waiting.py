"""Waiting for a condition. Nothing in the tests waits for a time to pass."""
import time

from testing.programs import SANITIZED

# Seconds. Long enough for a machine that stands still for a while: only what hangs for ever is to fail here.
PATIENCE = 3600 if SANITIZED else 1200


def wait_until(condition, what, seconds=PATIENCE, every=0.005):
    """Asks again and again until the condition holds, and returns what it returned.

    `what`: what the failure says was waited for, or a function that says it then. `every`: seconds between two questions."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what() if callable(what) else what}"
        time.sleep(every)
    return found
