#!/usr/bin/env python3
"""Makes the README's tables from bench/results/*.json: numbers are measured, never typed."""
import json
import re
from pathlib import Path

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


def machine(name, cpus):
    return f"{name}, {cpus} CPUs"


def stages():
    data = json.loads((ROOT / "bench/results/stages.json").read_text())
    rows = {b["run_name"]: b for b in data["benchmarks"] if b.get("aggregate_name", "median") == "median"}
    lines = ["| stage, on one core | GB of JSON a second | documents a second |", "| --- | ---: | ---: |"]
    for name, text in STAGES.items():
        b = rows[name]
        lines.append(f"| {text} | {b['bytes_per_second'] / 1e9:.2f} | {b['documents/s']:,.0f} |")
    return "\n".join(lines)


def export():
    data = json.loads((ROOT / "bench/results/export.json").read_text())
    m = data["machine"]
    first = data["runs"][0]
    lines = [
        f"{first['accounts']:,} accounts, {first['jsonBytes'] / 1e9:.1f} GB of JSON in {data['inputBytes'] / 1e9:.2f} GB of `.zst`,"
        f" {first['packBytes'] / 1e9:.2f} GB of packs; {machine(m['cpu'], m['cpus'])}:",
        "",
        "| command | wall | CPU | MB of JSON a CPU second | accounts a second | peak memory |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for run in data["runs"]:
        memory = f"{run['peakMemory'] / 1e6:.0f} MB" if "peakMemory" in run else ""
        lines.append(f"| `{run['command']}` | {run['wallSeconds']:.1f} s | {run['cpuSeconds']:.1f} s |"
                     f" {run['jsonBytes'] / 1e6 / run['cpuSeconds']:.0f} | {run['accounts'] / run['wallSeconds']:,.0f} | {memory} |")
    return "\n".join(lines)


def main():
    readme = ROOT / "README.md"
    text = readme.read_text()
    for name, table in {"stages": stages(), "export": export()}.items():
        text, found = re.subn(rf"<!-- table: {name} -->.*?<!-- end -->",
                              lambda _: f"<!-- table: {name} -->\n{table}\n<!-- end -->", text, flags=re.S)
        assert found == 1, f"README.md has no place for the table {name}"
    readme.write_text(text)


main()
