"""The targets of speed and memory, held against bench/results: target, measured, spread, met, machine."""
import json
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIB = 1 << 20


def load(name):
    path = ROOT / "bench/results" / name
    return json.loads(path.read_text()) if path.exists() else None


class Runs:
    """The runs of one file, by repetition; ratios are taken within a repetition."""

    def __init__(self, data):
        self.runs = data["runs"]
        self.cpus = data["machine"]["cpus"]

    def of(self, workload, what, threads):
        return {r["repetition"]: r for r in self.runs
                if (r["workload"], r["what"], r["threads"]) == (workload, what, threads)}

    def ratios(self, above, below, value):
        """value(above) / value(below) in each repetition that has both."""
        return [value[0](a) / value[1](below[i]) for i, a in above.items() if i in below]


def wall(r):
    return r["wallSeconds"]


def cpu(r):
    return r["cpuSeconds"]


def kernels(r):
    return r["kernelSeconds"]


def median(values):
    return statistics.median(values) if values else None


def stage(stages, name, key="bytes_per_second"):
    for b in (stages or {}).get("benchmarks", []):
        if b["run_name"] == name and b.get("aggregate_name", "median") == "median":
            return b[key]
    return None


class Rows:
    """The rows of a table: what, target, median of the repetitions, spread, of the fastest runs, is it met."""

    def __init__(self, runs):
        self.runs, self.rows = runs, []

    def add(self, what, wanted, values, least=None, most=None, form="{:.2f}", fastest=None):
        quiet = "" if fastest is None else form.format(fastest)
        if not values:
            self.rows.append((what, wanted, "not measured", "", "", "-"))
            return
        if not wanted:
            self.rows.append((what, "", form.format(median(values)), "", quiet, ""))
            return
        m = median(values)
        met = (least is None or m >= least) and (most is None or m <= most)
        # Where repetitions disagree about it, say so.
        split = any(((least is None or v >= least) and (most is None or v <= most)) != met for v in values)
        spread = f"{form.format(min(values))} to {form.format(max(values))}" if len(values) > 1 else ""
        self.rows.append((what, wanted, form.format(m), spread, quiet,
                          ("yes" if met else "no") + (", within the spread" if split else "")))

    def add_walls(self, what, wanted, above, below, **limits):
        """Ratios of wall times, and that of the fastest runs: what others on the machine disturb least."""
        fastest = min(map(wall, above.values())) / min(map(wall, below.values())) if above and below else None
        self.add(what, wanted, self.runs.ratios(above, below, (wall, wall)), fastest=fastest, **limits)

    def efficiency(self, workload, threads, what="export"):
        exports = self.runs.of(workload, what, threads)
        sampled = [kernels(r) / cpu(r) for r in exports.values() if "kernelSeconds" in r]
        return sampled or self.runs.ratios(self.runs.of(workload, "kernels", 1), exports, (kernels, cpu))

    def add_standard(self, n):
        """What the standard workload shows at any size."""
        one, all_ = self.runs.of("standard", "export", 1), self.runs.of("standard", "export", n)
        for t in sorted({1, n}):
            self.add(f"efficiency, `.zst`, {t} thread{'s' * (t > 1)}", "at least 0.80", self.efficiency("standard", t), least=0.8)
        self.add_walls(f"{n} threads over 1, wall", "at least 1.85 (2 threads)", one, all_, least=1.85 * n / 2)
        if all_ and all("kernelsBeforeAndAfter" in r for r in all_.values()):
            # Runs of ten minutes, one after the other: what the machine's speed did meanwhile, the kernels show.
            paced = lambda r: wall(r) / kernels(r)
            self.add("the same, each wall over the kernels beside it", "", self.runs.ratios(one, all_, (paced, paced)))
        self.add(f"CPU of {n} threads over 1", "", self.runs.ratios(all_, one, (cpu, cpu)))

    def add_small(self, n):
        small = self.runs.of("small", "export", 1)
        count = f"{next(iter(small.values()))['accounts']:,} " if small else ""
        for t in sorted({1, n}):
            self.add(f"efficiency, {count}small accounts, {t} thread{'s' * (t > 1)}", "at least 0.45", self.efficiency("small", t), least=0.45)
        # Its index and its checksum are made at the end, with what else is done then.
        self.add("ledger's share of the CPU, small accounts", "under 0.10",
                 [(r["profile"]["ledger"] + r["profile"]["finish"]) / cpu(r) for r in small.values()], most=0.10, form="{:.3f}")

    def add_inputs(self, n):
        """Other inputs than `.zst`: what the same kernels and the same job take for them."""
        all_ = self.runs.of("standard", "export", n)
        for name, input_name in (("plain", "plain files"), ("stdin", "standard input")):
            values = [a / b for a, b in zip(self.efficiency(name, n), self.efficiency("standard", n))]
            self.add(f"efficiency of {input_name} over that of `.zst`", "at least 1.00", values, least=1.0)
            self.add(f"CPU of {input_name} over that of `.zst`", "", self.runs.ratios(self.runs.of(name, "export", n), all_, (cpu, cpu)))

    def add_python(self, n):
        all_, python = self.runs.of("standard", "export", n), self.runs.of("standard", "python", n)
        out = lambda r: r["outputBytes"]
        self.add_walls("wall rate over the Python peer", "at least 4.5", python, all_, least=4.5)
        self.add("CPU time of the Python peer over ours", "", self.runs.ratios(python, all_, (cpu, cpu)))
        self.add("output over the Python peer's", "at most 1.00", self.runs.ratios(all_, python, (out, out)), most=1.0, form="{:.3f}")

    def add_memory(self):
        peaks = {r["accounts"]: r["peakMemory"] / 1e6 for r in self.runs.runs if r["workload"] == "memory 512M"}
        for accounts, peak in sorted(peaks.items()):
            self.add(f"peak memory, --memory 512M, {accounts:,} accounts, MB", "under 650", [peak], most=650, form="{:.0f}")


def target_rows(data, stages):
    runs, n = Runs(data), data["machine"]["cpus"]
    table = Rows(runs)
    add, add_walls, efficiency = table.add, table.add_walls, table.efficiency
    table.add_standard(n)
    add("efficiency, `.zst`, 1 thread, --no-catalogue", "", efficiency("standard", 1, "no catalogue"))
    all_ = runs.of("standard", "export", n)
    decode, frame = stage(stages, "source_decode_zstd"), stage(stages, "frame_documents")
    work, commit = stage(stages, "job_work/3"), stage(stages, "ledger_commit")
    if decode and work:
        feeds = 1 / (1 / decode + 1 / frame) / work
        add("cores that the reader of one shard feeds", "16 with enough shards in flight", [feeds], least=1, form="{:.1f}")
        add("cores that the ledger's commits allow", "at least 16", [commit / work], least=16, form="{:.0f}")
    table.add_python(n)
    add_walls("wall rate over the DuckDB peer", "", runs.of("standard", "duckdb", n), all_)
    table.add_small(n)
    huge, alone = runs.of("huge", "export", n), runs.of("huge alone", "export", n)
    add("a 500 MB account among small ones: wall over that of both apart", "at most 1.00",
        [wall(huge[i]) / (wall(alone[i]) + wall(all_[i])) for i in huge if i in alone and i in all_], most=1.0)
    bound = 512 * MIB + 8 * 500 * MIB
    add("the same: peak memory, MB", f"at most {bound / 1e6:.0f}", [r["peakMemory"] / 1e6 for r in huge.values()],
        most=bound / 1e6, form="{:.0f}")
    table.add_memory()
    table.add_inputs(n)
    add_walls("verify over export, wall", "at most 1.00", runs.of("standard", "verify", n), all_, most=1.0)
    return table.rows


def large_rows(data):
    """Of a run with so many accounts that most of their tracks were seen before."""
    runs, n = Runs(data), data["machine"]["cpus"]
    table = Rows(runs)
    table.add_standard(n)
    all_ = runs.of("standard", "export", n)
    if runs.of("standard", "no catalogue", 1):
        table.add("efficiency, `.zst`, 1 thread, --no-catalogue", "", table.efficiency("standard", 1, "no catalogue"))
    if runs.of("standard", "python", n):
        table.add_python(n)
    if runs.of("small", "export", n):
        table.add_small(n)
    table.add_memory()
    if runs.of("plain", "export", n):
        table.add_inputs(n)
    table.add_walls("verify over export, wall", "at most 1.00", runs.of("standard", "verify", n), all_, most=1.0)
    table.add("minutes for 11 million such accounts", "", [wall(r) / r["accounts"] * 11e6 / 60 for r in all_.values()], form="{:.0f}")
    return table.rows


def machine_line(data):
    m, v = data["machine"], data["versions"]
    return (f"{m['cpu']}, {m['cpus']} CPUs, {m['memoryBytes'] / 2**30:.0f} GiB, Linux {m['kernel']}; load before and after "
            f"{data['loadBefore'][0]:.1f} and {data['loadAfter'][0]:.1f}; outro {v['outro']}, libzstd {v['libzstd']}, simdjson "
            f"{v['simdjson']}, TBB {v['tbb']}, ICU {v['icu']}, {v['compiler']}")


HEADS = ("what", "target", "measured", "lowest to highest", "of the fastest runs", "met")


def title(data):
    standard, repetitions = data["workloads"]["standard"], len({r["repetition"] for r in data["runs"]})
    how = "one run of each" if repetitions == 1 else f"medians of {repetitions} interleaved repetitions; a target without lowest and highest: one run"
    return (f"{standard['accounts']:,} accounts ({standard['jsonBytes'] / 1e9:.1f} GB of JSON in "
            f"{standard['inputBytes'] / 1e9:.2f} GB of `.zst`), level 3, {how}:")


def large_runs():
    return [d for d in (load("hundred_thousand.json"), load("million.json")) if d]


def tables(data, stages, larger):
    """(title, rows, machine) of each table."""
    return [(title(data), target_rows(data, stages), machine_line(data)),
            *((title(d), large_rows(d), machine_line(d)) for d in larger)]


def markdown(data, stages, larger):
    lines = []
    for heading, rows, made_on in tables(data, stages, larger):
        lines += [heading, "", "| " + " | ".join(HEADS) + " |", "| --- | --- | ---: | ---: | ---: | --- |"]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        lines += ["", made_on + ".", ""]
    return "\n".join(lines[:-1])


def text(data, stages, larger):
    parts = []
    for heading, found, made_on in tables(data, stages, larger):
        rows = [HEADS, *found]
        widths = [max(len(r[i]) for r in rows) for i in range(len(HEADS))]
        parts += [heading, "\n".join("  ".join(c.ljust(w) if i in (0, 1, 5) else c.rjust(w)
                                               for i, (c, w) in enumerate(zip(r, widths))) for r in rows), made_on]
    return "\n\n".join(parts)


def main():
    data = load("end_to_end.json")
    if data is None:
        raise SystemExit("bench: nothing measured yet; bench/run does")
    print(text(data, load("stages.json"), large_runs()))


if __name__ == "__main__":
    main()
