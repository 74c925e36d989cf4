#!/usr/bin/env python3
"""Makes the tables of README.md and bench/README.md from bench/results/*.json: numbers are measured, never typed."""
import json
import re
import statistics
from pathlib import Path

import targets

ROOT = Path(__file__).parent.parent
STAGES = {
    "source_decode_zstd": "decode a `.zst` shard",
    "frame_documents": "frame: documents, slices, running digest",
    "account_find_tokens": "find the tokens (simdjson, stage 1)",
    "account_read": "read: tokens, grammar, identity, tracks, digests",
    "tracks_find_recordings": "group tracks into recordings",
    "archive_render": "render library.json, CSVs and tar",
    "archive_restore": "restore a dump from library.json",
    "job_work/1": "a worker: read, render, compress at level 1",
    "job_work/3": "a worker: read, render, compress at level 3 (the default)",
    "job_work/6": "a worker: read, render, compress at level 6",
    "pack_slice_record": "encode a slice record",
    "ledger_commit": "commit a slice to the ledger",
    "kernel_decode": "kernel alone: decode",
    "kernel_dom": "kernel alone: one DOM parse",
    "kernel_compress": "kernel alone: ZSTD_compress2 of the tars, level 3",
}


def stages():
    data = json.loads((ROOT / "bench/results/stages.json").read_text())
    rows = {b["run_name"]: b for b in data["benchmarks"] if b.get("aggregate_name", "median") == "median"}
    lines = ["| stage, on one core | GB of JSON a second | documents a second |", "| --- | ---: | ---: |"]
    for name, text in STAGES.items():
        b = rows[name]
        lines.append(f"| {text} | {b['bytes_per_second'] / 1e9:.2f} | {b['documents/s']:,.0f} |")
    return "\n".join(lines)


def medians(runs):
    """The median run of each (what, threads) of the standard workload, field by field."""
    by_kind = {}
    for r in runs:
        if r["workload"] == "standard" and r["what"] not in ("kernels", "no catalogue"):
            by_kind.setdefault((r["what"], r["threads"]), []).append(r)
    middle = lambda all_, key: statistics.median(r[key] for r in all_)
    return {kind: {"runs": len(all_), **{k: middle(all_, k) for k in ("wallSeconds", "cpuSeconds", "peakMemory")},
                   "spread": (max(map(wall, all_)) - min(map(wall, all_))) / 2 / middle(all_, "wallSeconds"),
                   "outputBytes": all_[0].get("outputBytes")} for kind, all_ in by_kind.items()}


def wall(run):
    return run["wallSeconds"]


def export(data):
    m, w = data["machine"], data["workloads"]["standard"]
    names = {"export": "`outro export --threads {}`", "verify": "`outro verify --threads {}`",
             "python": "Python (ujson, zstandard), {} processes", "duckdb": "DuckDB, {} threads"}
    found = medians(data["runs"])
    times = max(r["runs"] for r in found.values())
    spread = lambda r: "" if r["runs"] == 1 else f" ± {100 * r['spread']:.0f} %"
    lines = [
        f"{w['accounts']:,} accounts, {w['jsonBytes'] / 1e9:.1f} GB of JSON in {w['inputBytes'] / 1e9:.2f} GB of `.zst`;"
        f" {m['cpu']}, {m['cpus']} CPUs; load {data['loadBefore'][0]:.1f} before and {data['loadAfter'][0]:.1f} after;"
        + (" one run of each:" if times == 1 else f" medians of {times} interleaved runs, with half the range:"),
        "",
        "| command | wall | CPU | MB of JSON a CPU second | accounts a second | peak memory | output |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (what, threads), r in sorted(found.items(), key=lambda kind: (list(names).index(kind[0][0]), kind[0][1])):
        output = f"{r['outputBytes'] / 1e6:,.0f} MB" if r["outputBytes"] else ""
        lines.append(f"| {names[what].format(threads)} | {r['wallSeconds']:.1f} s{spread(r)} | {r['cpuSeconds']:.1f} s |"
                     f" {w['jsonBytes'] / 1e6 / r['cpuSeconds']:.0f} | {w['accounts'] / r['wallSeconds']:,.0f} |"
                     f" {r['peakMemory'] / 1e6:,.0f} MB | {output} |")
    return "\n".join(lines)


def forecasts():
    path = ROOT / "bench/results/forecasts.json"
    if not path.exists():
        return "Not measured yet: `bench/forecasts`."
    data = json.loads(path.read_text())
    held = sum(t["held"] for t in data["tries"])
    lines = [
        f"{data['accounts']:,} accounts ({data['jsonBytes'] / 1e9:.1f} GB of JSON), {data['threads']} threads, {data['machine']['cpu']}; each forecast from a"
        f" fresh sample of {100 * data['share']:g} %, measured for {data['seconds']:g} s; load {data['loadBefore'][0]:.1f} before and"
        f" {data['loadAfter'][0]:.1f} after. **{held} of {len(data['tries'])} intervals hold the time that was then measured.**",
        "",
        "| forecast | 80 % interval | measured | off by | held |",
        "| ---: | ---: | ---: | ---: | --- |",
    ]
    for t in data["tries"]:
        f = t["forecast"]
        if "refused" in f:
            lines.append(f"| refused: noise | | {t['wallSeconds']:.1f} s | | no |")
            continue
        lines.append(f"| {f['value']:.1f} s | {f['low']:.1f} to {f['high']:.1f} s | {t['wallSeconds']:.1f} s |"
                     f" {100 * (f['value'] / t['wallSeconds'] - 1):+.1f} % | {'yes' if t['held'] else 'no'} |")
    return "\n".join(lines)


def hostile():
    path = ROOT / "bench/results/hostile_memory.json"
    if not path.exists():
        return "Not measured yet: `bench/hostile_memory`."
    data = json.loads(path.read_text())
    lines = ["| document | its size | becomes | export | verify | extract | bound |", "| --- | ---: | --- | ---: | ---: | ---: | ---: |"]
    for r in data["rows"]:
        peaks = (f"{r[k] / 1e6:,.0f} MB{' **above**' if r[k] > r['bound'] else ''}" if r[k] else "" for k in ("export", "verify", "extract"))
        lines.append(f"| {r['what']} | {r['documentBytes'] / 1e6:,.1f} MB | {r['became']} | {' | '.join(peaks)} | {r['bound'] / 1e6:,.0f} MB |")
    return "\n".join(lines)


def main():
    larger = targets.large_runs()
    sizes = [targets.load("end_to_end.json"), *larger]
    held = targets.markdown(sizes[0], targets.load("stages.json"), larger)
    for path, tables in {"README.md": {"stages": stages(), "export": "\n\n".join(map(export, sizes)), "forecasts": forecasts()},
                         "bench/README.md": {"targets": held, "hostile": hostile()}}.items():
        text = (ROOT / path).read_text()
        for name, table in tables.items():
            text, found = re.subn(rf"<!-- table: {name} -->.*?<!-- end -->",
                                  lambda _: f"<!-- table: {name} -->\n{table}\n<!-- end -->", text, flags=re.S)
            assert found == 1, f"{path} has no place for the table {name}"
        (ROOT / path).write_text(text)


main()
