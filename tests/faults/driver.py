"""What the fault drivers share: their options, their exports, and the io engines of this machine."""
import argparse

from testing import commands
from testing.programs import SANITIZED

ENGINES = ("uring", "threads")


def arguments(description, **more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--results", help="folder for the counts")
    parser.add_argument("--long", action="store_true", help="everything, not a sample")
    for name, (kind, default, text) in more.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind, default=default, help=text)
    args = parser.parse_args()
    if SANITIZED and "sample" in args:
        args.sample = max(2, args.sample // 2)  # each of them takes ten times as long
    return args


def export_words(dumps, out, *options):
    return commands.export_words(dumps, out, "--quiet", "--catalogue", *options)


def export(dumps, out, *options, code=3):
    """By default with dead letters, as the drivers' dumps have some."""
    return commands.run(*export_words(dumps, out, *options), code=code)


def verify(out, against=None, code=0, options=()):
    against = [] if against is None else ["--against", *(against if isinstance(against, (list, tuple)) else [against])]
    return commands.verify(out, "--accept-dead-letters", *options, *against, code=code)


def engines(dumps, folder):
    """Those that this machine has."""
    tried = export(dumps, folder / "uring-try", "--io", "uring", code=None)
    return ENGINES if tried.returncode != 2 else ENGINES[1:]


def spread(n, most):
    """At most `most` of the numbers 1 to n, evenly, both ends among them."""
    if n <= most:
        return list(range(1, n + 1))
    return sorted({1 + round(i * (n - 1) / (most - 1)) for i in range(most)})
