#!/usr/bin/env python3
"""Whole exports, the three kernels alone, verify and the peers, over the same dumps and in one interleaved run.

usage: end_to_end.py [--accounts N] [--repeat R] [--workloads LIST] [--peers LIST] [--memory-sizes LIST] …

Every repetition measures everything once, in a shuffled order, so that a drift of the machine's speed hits all alike; a
ratio is taken within a repetition, and its spread is that over the repetitions. Results are checked before their time
counts. Writes bench/results/end_to_end.json (or --out) with machine and versions.
"""
import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import workloads

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"  # Debian's, whose packages the peer needs


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "?"


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": cpu, "cpus": len(os.sched_getaffinity(0)), "memoryBytes": memory, "kernel": platform.release()}


def versions():
    package = lambda name: first_line("dpkg-query", "-W", "-f", "${Version}", name)
    return {"outro": first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--tags"),
            "compiler": first_line("c++", "--version"), "libzstd": package("libzstd-dev"),
            "simdjson": package("libsimdjson-dev"), "tbb": package("libtbb-dev"), "icu": package("libicu-dev"),
            "python": first_line(PYTHON, "--version"), "ujson": package("python3-ujson"),
            "zstandard": package("python3-zstandard"), "node": first_line("node", "--version")}


def measure(command, standard_input=None):
    """Wall and CPU seconds and peak memory of one process and its children; what it said, and its log."""
    feeder = subprocess.Popen(["cat", *standard_input], stdout=subprocess.PIPE) if standard_input else None
    log = tempfile.TemporaryFile()
    began = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=log,
                               stdin=feeder.stdout if feeder else subprocess.DEVNULL)
    if feeder:
        feeder.stdout.close()
    said = process.stdout.read()
    _, how, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(how)
    wall = time.monotonic() - began
    if feeder:
        feeder.wait()
    log.seek(0)
    logged = log.read().decode()
    if process.returncode != 0:
        raise SystemExit(f"bench: {' '.join(map(str, command))}: {logged}")
    return {"wallSeconds": wall, "cpuSeconds": used.ru_utime + used.ru_stime, "peakMemory": used.ru_maxrss << 10}, \
        said.decode(), logged


def profile_in(logged):
    """The stages of `--profile`, in CPU seconds."""
    return next(json.loads(line)["stages"] for line in logged.splitlines() if '"CPU_PROFILE"' in line)


def sum_of_kernels(found):
    return found["decodeSeconds"] + found["domSeconds"] + found["compressSeconds"]


class Bench:
    def __init__(self, args):
        self.args, self.build, self.work = args, Path(args.build), Path(args.work)
        self.outro = self.build / "outro"
        self.runs = []

    def export(self, load, threads, *more, keep=None):
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        fed = sorted(load.dumps.iterdir()) if load.standard_input else None
        figures, said, logged = measure([self.outro, "export", "-" if fed else load.dumps, "--out", out, "--threads",
                                         threads, "--json", "--profile", *load.extra, *more], fed)
        summary = json.loads(said.splitlines()[-1])
        books, truth = summary["books"], load.truth["expected"]
        sections = truth["sections"]
        for what, found, right in (("accounts", books["written"], truth["documentsWritten"]),
                                   ("playlists", books["playlists"], sections["playlists"]),
                                   ("entries", books["playlistEntries"], sections["entries"]),
                                   ("listens", books["listens"], sections["listens"])):
            assert found == right or load.name.startswith("huge"), f"outro: {what} {found}, and there are {right}"
        if keep:
            shutil.rmtree(keep, ignore_errors=True)
            out.rename(keep)
        shutil.rmtree(out, ignore_errors=True)
        return {**figures, "outputBytes": books["packBytes"], "tarBytes": books["tarBytes"],
                "rows": books["trackRows"], "references": books["trackReferences"], "profile": profile_in(logged)}

    def kernels(self, load):
        fed = sorted(load.dumps.iterdir()) if load.standard_input else None
        figures, said, _ = measure([self.build / "bench/kernels", "-" if fed else load.dumps], fed)
        found = json.loads(said)
        assert found["documents"] == load.truth["totals"]["documents"], "kernels: not every document was read"
        return {"peakMemory": figures["peakMemory"], "kernelSeconds": sum_of_kernels(found), **found}

    def sampled_kernels(self, load, number):
        """Seconds that the kernels take for all dumps, by every tenth shard, from another one each time."""
        every = 10
        shards = sorted(load.dumps.iterdir())[number % every::every]
        folder = self.work / "sample"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for shard in shards:
            os.link(shard, folder / shard.name)
        _, said, _ = measure([self.build / "bench/kernels", folder])
        shutil.rmtree(folder)
        found = json.loads(said)
        return sum_of_kernels(found) * load.json_bytes / found["jsonBytes"]

    def with_sampled_kernels(self, repetition, load, threads):
        """Exports so long that the machine changes its speed meanwhile: a sample of the kernels before and after each."""
        before = self.sampled_kernels(load, 0)
        for number, n in enumerate(threads, 1):
            kept = self.work / "out-kept" if n == threads[-1] else None
            figures = self.export(load, n, keep=kept)
            after = self.sampled_kernels(load, number)
            self.add(repetition, load, "export", n, {**figures, "kernelSeconds": (before + after) / 2,
                                                     "kernelsBeforeAndAfter": [before, after]})
            before = after
        self.add(repetition, load, "verify", n, self.verify(kept, n))
        shutil.rmtree(kept)
        for peer in self.args.peers:
            self.add(repetition, load, peer, n, self.peer(peer, load))

    def verify(self, out, threads):
        figures, said, _ = measure([self.outro, "verify", out, "--threads", threads, "--quiet"])
        assert "SAFE TO ERASE SOURCE: yes" in said, said
        return figures

    def peer(self, name, load):
        out = self.work / "out-peer"
        shutil.rmtree(out, ignore_errors=True)
        command = {"python": [PYTHON, ROOT / "bench/peers/python_export.py"],
                   "duckdb": ["node", ROOT / "bench/peers/duckdb/export.mjs"]}[name]
        figures, said, _ = measure([*command, "--dumps", load.dumps, "--out", out])
        found, truth = json.loads(said.splitlines()[-1]), load.truth["expected"]
        for what, right in (("accounts", truth["accounts"]), *((k, truth["sections"][k]) for k in (
                "playlists", "entries", "listens", "favourites"))):
            assert found[what] == right, f"{name}: {what} {found[what]}, and there are {right}"
        shutil.rmtree(out)
        return {**figures, **found}

    def add(self, repetition, load, what, threads, figures):
        self.runs.append({"repetition": repetition, "workload": load.name, "what": what, "threads": threads,
                          "jsonBytes": load.json_bytes, "accounts": load.documents, **figures})
        cpu = figures.get("cpuSeconds") or figures["kernelSeconds"]
        wall = figures.get("wallSeconds", cpu)
        print(f"  {repetition + 1}: {load.name:12} {what:10} threads {threads}: {wall:8.2f} s, CPU {cpu:8.2f} s, "
              f"{load.json_bytes / 1e6 / wall:6.0f} MB/s, peak {figures['peakMemory'] / 1e6:.0f} MB", file=sys.stderr,
              flush=True)

    def one_repetition(self, repetition, loads, threads, order):
        again = lambda name: repetition == 0 or name not in self.args.once
        loads = {name: load for name, load in loads.items() if again(load.name)}
        peers = [peer for peer in self.args.peers if again(peer)]
        steps = []
        for load in loads.values():
            if load.name != "huge alone":
                steps.append((load, "kernels", 1))
            # All thread counts of the standard workload; one and all of the others.
            counts = threads if load.name == "standard" else sorted({threads[0], threads[-1]})
            steps += [(load, "export", n) for n in (counts if not load.name.startswith("huge") else threads[-1:])]
        if "standard" in loads:
            steps += [(loads["standard"], what, threads[0 if what == "no catalogue" else -1])
                      for what in ("no catalogue", *peers)]
        order.shuffle(steps)
        # Verify comes right after the export whose output it reads, with as many threads.
        for load, what, n in steps:
            if what == "kernels":
                self.add(repetition, load, what, n, self.kernels(load))
            elif what == "no catalogue":
                self.add(repetition, load, what, n, self.export(load, n, "--no-catalogue"))
            elif what == "export":
                verified = load.name == "standard" and n == threads[-1]
                kept = self.work / "out-kept" if verified else None
                self.add(repetition, load, what, n, self.export(load, n, keep=kept))
                if verified:
                    self.add(repetition, load, "verify", n, self.verify(kept, n))
                    shutil.rmtree(kept)
            else:
                self.add(repetition, load, what, n, self.peer(what, load))

    def memory(self, sizes):
        program = str(self.build / "tools/generate/outro-generate")
        for n in sizes:
            load = workloads.Workload("memory 512M", workloads.generate(
                program, self.work, "standard", n, *workloads.even_shards(n, workloads.STANDARD), size=workloads.STANDARD))
            cpus = len(os.sched_getaffinity(0))
            self.add(0, load, "export", cpus, self.export(load, cpus, "--memory", "512M"))


def has_python_peer():
    return subprocess.run([PYTHON, "-c", "import ujson, xxhash, zstandard"], capture_output=True).returncode == 0


def check_peers(names):
    """Whatever a peer lacks is told before hours are spent on the rest."""
    if "python" in names and not has_python_peer():
        raise SystemExit("bench: the Python peer lacks its packages: apt-get install python3-ujson python3-zstandard "
                         "python3-xxhash, or leave it out with --peers ''")
    if "duckdb" in names and not (ROOT / "bench/peers/duckdb/node_modules").is_dir():
        raise SystemExit("bench: the DuckDB peer lacks its module: npm install --prefix bench/peers/duckdb, or leave it "
                         "out with --peers python")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = lambda text: [t for t in text.split(",") if t]
    parser.add_argument("--accounts", type=int, default=10_000, help="of the standard workload; small has 20 times as many")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--workloads", type=names, default=["standard", "plain", "stdin", "small", "huge"])
    parser.add_argument("--peers", type=names, default=["python", "duckdb"])
    parser.add_argument("--once", type=names, default=[], help="of the workloads and peers: those that are measured in the "
                        "first repetition alone")
    parser.add_argument("--memory-sizes", type=names, default=["1000", "10000"],
                        help="accounts at which the peak memory of --memory 512M is taken")
    parser.add_argument("--sample-kernels", action="store_true",
                        help="standard workload only: every tenth shard through the kernels, before and after each export")
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--work", default=os.environ.get("OUTRO_BENCH_DIR", str(ROOT / "build/bench")))
    parser.add_argument("--out", default=str(ROOT / "bench/results/end_to_end.json"))
    return parser.parse_args()


def main():
    args = arguments()
    check_peers(args.peers)
    bench = Bench(args)
    loads = workloads.make(args.workloads, bench.build, bench.work, args.accounts)
    workloads.need_disk(bench.work, args.accounts * workloads.STANDARD["out"] + (2 << 30), "an export")
    cpus = len(os.sched_getaffinity(0))
    threads = sorted({1 << i for i in range(10) if 1 << i <= cpus} | {cpus})
    load_before, versions_before = os.getloadavg(), versions()
    order = random.Random(1)
    for repetition in range(args.repeat):
        if args.sample_kernels:
            bench.with_sampled_kernels(repetition, loads["standard"], threads)
        else:
            bench.one_repetition(repetition, loads, threads, order)
    bench.memory([int(n) for n in args.memory_sizes])
    result = {"machine": machine(), "versions": versions_before,
              "loadBefore": load_before, "loadAfter": os.getloadavg(),
              "workloads": {l.name: {"accounts": l.documents, "jsonBytes": l.json_bytes, "inputBytes": l.input_bytes()}
                            for l in loads.values()},
              "runs": bench.runs}
    Path(args.out).parent.mkdir(exist_ok=True)
    Path(args.out).write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {args.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
