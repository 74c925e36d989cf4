"""The dumps that are measured: made by outro-generate, once for each size, and kept for the next run."""
import json
import os
import shutil
import subprocess
from pathlib import Path

# Bytes an account takes, about: of JSON, of .zst input, of packs.
STANDARD = {"json": 140_000, "zst": 16_500, "out": 32_000}
SMALL = {"json": 2_200, "zst": 450, "out": 1_500}
HUGE = 500 << 20


class Workload:
    """Dumps on disk, with their truth; `standard_input` feeds them to one pipe."""

    def __init__(self, name, folder, standard_input=False, extra=()):
        self.name, self.folder, self.standard_input, self.extra = name, folder, standard_input, list(extra)
        self.truth = json.loads((folder / "truth.json").read_text())
        self.dumps = folder / "dumps"
        self.documents = self.truth["expected"]["documentsWritten"]
        self.json_bytes = self.truth["totals"]["bytes"]

    def input_bytes(self):
        return sum(f.stat().st_size for f in self.dumps.iterdir())


def need_disk(folder, wanted, what):
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise SystemExit(f"bench: {what} needs {wanted / 1e9:.0f} GB in {folder}, and there are {free / 1e9:.0f} GB")


def generate(program, work, name, accounts, *arguments, size, kind="zst"):
    folder = work / f"input-{name}-{accounts}"
    if not (folder / "truth.json").exists():
        need_disk(work, accounts * (size[kind if kind in size else "json"] + size["out"]) + (2 << 30), f"the workload {name}")
        subprocess.run([program, "--out", str(folder), "--accounts", str(accounts), "--format",
                        "zst" if kind == "zst" else "plain", "--force", *arguments], check=True, capture_output=True)
    return folder


def even_shards(accounts, size):
    """An even number of shards, all of nearly one size and at most 256 MiB: no process gets more of them than another
    because of where the last one ends."""
    total = accounts * size["json"]
    shards = max(2, 2 * round(total / (2 * 220e6)))
    return ["--shard-size", str(min(256 << 20, max(1 << 20, int(total / shards * 1.01))))]


def make(names, build, work, accounts):
    program = str(build / "tools/generate/outro-generate")
    work.mkdir(parents=True, exist_ok=True)
    made = {}
    for name in names:
        shards = even_shards(accounts, STANDARD)
        if name == "standard":
            made[name] = Workload(name, generate(program, work, name, accounts, *shards, size=STANDARD))
        elif name in ("plain", "stdin"):
            folder = generate(program, work, "plain", accounts, *shards, size=STANDARD, kind="json")
            made[name] = Workload(name, folder, standard_input=name == "stdin")
        elif name == "small":
            made[name] = Workload(name, generate(program, work, name, 20 * accounts, "--profile", "small",
                                                 *even_shards(20 * accounts, SMALL), size=SMALL))
        elif name == "huge":
            folder = generate(program, work, name, accounts, "--huge", str(HUGE), *shards, size=STANDARD)
            made[name] = Workload(name, folder, extra=["--memory", "512M"])
            alone = generate(program, work, "huge-alone", 1, "--huge", str(HUGE), size=STANDARD)
            made["huge alone"] = Workload("huge alone", alone, extra=["--memory", "512M"])
        else:
            raise SystemExit(f"bench: no such workload: {name}")
    return made
