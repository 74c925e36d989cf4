"""The peak memory of a command."""
import subprocess
import sys
import tempfile

# A small process starts the command. What a process had in memory before it became another program counts as that
# program's peak too, so a large test may not start it itself.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as into:
    into.write(f"{code} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}")
"""


def run_measured(words, **streams):
    """Its exit code (negative: the signal that ended it), and the peak in bytes."""
    with tempfile.NamedTemporaryFile("r") as told:
        subprocess.run([sys.executable, "-S", "-c", MEASURE, told.name, *map(str, words)], check=True, **streams)
        code, kib = told.read().split()
    return int(code), int(kib) << 10
