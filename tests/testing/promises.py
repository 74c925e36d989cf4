"""Running tests that are named by their promise, expectations that show what was found, and skipping."""
import itertools
import sys
import time

SKIPPED = 77


def skip(why):
    """Ends the test as skipped (SKIP_RETURN_CODE in tests/CMakeLists.txt)."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def promise(test, *arguments):
    """Runs a test; its name, as words, is what is said of it. Returns what it returned."""
    words = test.__name__.replace("_", " ")
    began = time.monotonic()
    try:
        result = test(*arguments)
    except Exception:
        print(f"BROKEN: {words}", flush=True)
        raise
    print(f"kept: {words} ({time.monotonic() - began:.1f} s)", flush=True)
    return result


def shortened(value, most=2000):
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def expect_equal(found, expected, about=""):
    """Shows both where they differ, and of two lists the first place."""
    if found == expected:
        return
    lines = [f"not equal: {shortened(about)}", f"expected {shortened(expected)}", f"found    {shortened(found)}"]
    if isinstance(found, list) and isinstance(expected, list):
        pairs = itertools.zip_longest(expected, found, fillvalue="nothing")
        at, (e, f) = next((i, pair) for i, pair in enumerate(pairs) if pair[0] != pair[1])
        lines.append(f"first at {at}: expected {shortened(e)}, found {shortened(f)}")
    raise AssertionError("\n".join(lines))


def expect_in(part, text, about=""):
    assert part in text, f"not there: {part!r} {shortened(about)}\nin: {text}"
