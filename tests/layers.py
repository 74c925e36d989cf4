#!/usr/bin/env python3
"""The folders of src/ include only to the left: base < source < ... < cli. Public headers stand before all.

usage: layers.py SOURCE_DIR
"""
import re
import sys
from pathlib import Path

ORDER = ["base", "source", "frame", "account", "tracks", "archive", "pack", "ledger", "report", "job", "cli"]


def main():
    root = Path(sys.argv[1])
    wrong = []
    seen = set()
    for path in sorted([*root.glob("src/**/*.h"), *root.glob("src/**/*.cpp"), *root.glob("include/outro/*.h")]):
        parts = path.relative_to(root).parts
        layer = parts[1] if parts[0] == "src" else None
        if layer is not None and layer not in ORDER:
            wrong.append(f"{path}: {layer} is not a layer")
            continue
        seen.add(layer)
        if path.suffix == ".h" and "#pragma once" not in path.read_text():
            wrong.append(f"{path}: no #pragma once")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#include "([^"/]+)/', line)
            if not match or match[1] == "outro":
                continue
            if match[1] not in ORDER:
                wrong.append(f"{path}:{number}: includes {match[1]}/, which is not a layer")
            elif layer is None or ORDER.index(match[1]) > ORDER.index(layer):
                wrong.append(f"{path}:{number}: {layer or 'a public header'} includes {match[1]}/, which lies to the right")
    assert seen >= set(ORDER), f"layers without files: {set(ORDER) - seen}"
    print("\n".join(wrong) or f"{len(ORDER)} layers in order")
    sys.exit(1 if wrong else 0)


main()
