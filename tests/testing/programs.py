"""The programs under test. tests/CMakeLists.txt names them in the environment; by hand they are those of build/release."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
OUTRO = os.environ.get("OUTRO", str(BUILD / "outro"))
GENERATE = os.environ.get("OUTRO_GENERATE", str(BUILD / "tools/generate/outro-generate"))
# Loaded before a program, it ends that as a kill would, right before a call that is counted (dies_at.cpp).
DIES_AT = os.environ.get("OUTRO_DIES_AT_LIBRARY", str(BUILD / "tests/libdies_at.so"))
# Loaded before a program, it shifts its wall clock by OUTRO_CLOCK_SHIFT seconds (shifted_clock.cpp).
SHIFTED_CLOCK = os.environ.get("OUTRO_SHIFTED_CLOCK_LIBRARY", str(BUILD / "tests/libshifted_clock.so"))
# The file-system double, empty where it was not built.
LOSSY_FS = os.environ.get("OUTRO_LOSSY_FS", str(BUILD / "tests/lossy_fs"))
# A sanitizer's build takes ten times as long and reserves terabytes of addresses, so its memory is not measured.
SANITIZED = os.environ.get("OUTRO_SANITIZED", "") not in ("", "0", "OFF")
