"""What is done with each build. A case runs in the build's folder, with the input in ../input; names of cases are for --only."""
import json
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from compare_builds.inputs import flipped
from compare_builds.observe import files_of, log_of, masked, parsed

IN = Path("../input")
BIG = ["--slice", "2M", "--max-document", "800K", "--memory", "512M"]
SMALL = ["--slice", "256K", "--memory", "512M"]
ONE = ["--threads", "1", "--shards-in-flight", "1"]  # then nothing races, and even parts of the catalogue are the same
LISTINGS = [[], ["--accounts"], ["--packs"], ["--slices"], ["--shards"], ["--dead-letters"]]


@dataclass
class Setting:
    quick: bool
    data: Path        # real services' dumps and tables
    repository: Path

    def layouts(self):
        """Name, layout, dumps; those of real services and the small inputs that once came out wrong only where they are."""
        found = [(p.stem, p, [IN / f"{p.stem}.ndjson"]) for p in sorted(self.repository.glob("tools/layouts/*.toml"))]
        if not self.quick:
            found += [(p.stem, p, [p.with_name(p.name.split(".")[0] + ".ndjson")]) for p in sorted(self.data.glob("*/*.toml"))]
            usual = [p for p in sorted(self.data.glob("faults/*.ndjson")) if not p.with_suffix(".layout.toml").exists()]
            found += [("xiami, " + p[0].parent.name, "xiami", p) for p in (usual, sorted(self.data.glob("playlist-archive*"))) if p]
        return found

    def skipped(self):
        if self.quick:
            return ["--quick: real services' layouts, and what measures the machine (plan, tune)"]
        return [] if self.data.is_dir() else [f"{self.data} is not there: layouts and tables of real services"]


def export(b, name, dumps, out, *more, **how):
    dumps = dumps if isinstance(dumps, list) else [dumps]
    return b.call(f"{name}: export", "export", *dumps, "--out", out, "--json", *more, **how)


def lists(b, name, out, *listings):
    for words in listings or LISTINGS:
        b.call(f"{name}: list {' '.join(words)}".strip(), "list", out, *words, "--json")


def verifies(b, name, out, *more, code=0):
    what = " ".join(word for word in map(str, more) if word[:2] == "--")
    b.call(f"{name}: verify {what}".strip(), "verify", out, "--json", "--quiet", "--threads", "2", *more,
           code=code)


def extracts(b, name, out, account):
    for form in ("archive", "zip", "dump"):
        b.call(f"{name}: extract --as {form}", "extract", out, "--account", account, "--as", form, "--to", "-", raw=True)
    b.call(f"{name}: extract to a file", "extract", out, "--account", account, "--as", "zip", "--to", f"taken-{name}/", code=1)
    for form in ("archive", "files", "zip", "dump"):
        (b.folder / f"taken-{name}").mkdir(exist_ok=True)
        b.call(f"{name}: extract --as {form} to a folder", "extract", out, "--account", account, "--as", form, "--to", f"taken-{name}")
    b.call(f"{name}: extract over a file", "extract", out, "--account", account, "--as", "zip", "--to", f"taken-{name}", code=2)
    b.call(f"{name}: extract --force", "extract", out, "--account", account, "--as", "zip", "--to", f"taken-{name}", "--force")
    b.see(f"{name}: what was extracted", files_of(b.folder / f"taken-{name}"))


def accounts_of(b, out):
    return [json.loads(line)["account"] for line in b.run("list", out, "--accounts", "--json")[1].splitlines()]


def fresh_and_delta(b, _):
    export(b, "fresh", IN / "mixed", "fresh", *BIG, *ONE, code=3)
    b.look_at("fresh", "fresh")
    lists(b, "fresh", "fresh")
    verifies(b, "fresh", "fresh", code=3)
    verifies(b, "fresh", "fresh", "--against", IN / "mixed", "--accept-dead-letters")
    b.call("fresh: status", "status", "fresh", "--json")
    account = accounts_of(b, "fresh")[3]
    extracts(b, "fresh", "fresh", account)
    letters = [json.loads(line) for line in b.run("list", "fresh", "--dead-letters", "--json")[1].splitlines()]
    for who in {letter["account"]: 0 for letter in letters if letter["account"]}:
        b.call(f"fresh: history of a dead letter, {who}", "list", "fresh", "--account", who, "--json")
        b.see(f"fresh: extract a dead letter, {who}", b.run("extract", "fresh", "--account", who)[0])
    export(b, "fresh, again", IN / "mixed", "fresh", *BIG, *ONE, code=3)
    export(b, "delta", IN / "next/dumps", "fresh", *BIG, *ONE, code=3)
    b.look_at("delta", "fresh")
    lists(b, "delta", "fresh", *LISTINGS, ["--account", account])
    verifies(b, "delta", "fresh", "--against", IN / "mixed", IN / "next/dumps", "--accept-dead-letters")
    b.call("delta: extract --run 1", "extract", "fresh", "--account", account, "--run", "1", "--as", "dump", raw=True)
    export(b, "delta of another recipe", IN / "next/dumps", "fresh", *SMALL, *ONE, "--level", "1", code=3)
    b.look_at("delta of another recipe", "fresh")
    export(b, "older dumps", IN / "mixed/1.ndjson", "fresh", *BIG, *ONE, code=3)
    b.look_at("older dumps", "fresh")


def two_threads(b, _):
    export(b, "two threads", IN / "mixed", "two", *BIG, "--threads", "2", "--io", "threads", "--profile", "--level", "6", code=3)
    b.look_at("two threads", "two")
    verifies(b, "two threads", "two", code=3)
    lists(b, "two threads", "two", [], ["--slices"])


def kinds_of_input(b, _):
    """One document file, plain, compressed, and on standard input."""
    data = {kind: (b.folder / IN / f"small.ndjson{kind}").read_bytes() for kind in ("", ".zst", ".gz")}
    for kind, text in data.items():
        name = f"standard input{kind}"
        export(b, name, "-", name.replace(" ", "-"), *ONE, "--memory", "512M", stdin=text)  # one slice
        b.look_at(name, name.replace(" ", "-"))
        verifies(b, name, name.replace(" ", "-"), "--against", IN / f"small.ndjson{kind}")
    b.call("standard input: verify --against -", "verify", "standard-input", "--json", "--quiet", "--against", "-", stdin=data[".gz"])
    export(b, "several files", [IN / "small.ndjson.gz", IN / "small.ndjson.zst"], "several", *SMALL, *ONE)
    b.look_at("several files", "several")


def damaged_shards(b, _):
    shutil.copytree(b.folder / IN / "damaged", b.folder / "dumps")
    export(b, "damaged", "dumps", "damaged", *SMALL, *ONE, code=3)
    b.look_at("damaged", "damaged")
    lists(b, "damaged", "damaged")
    verifies(b, "damaged", "damaged", code=3)
    verifies(b, "damaged", "damaged", "--against", IN / "whole", "--accept-damaged-shard", "1/1/1", code=3)
    b.call("damaged: status", "status", "damaged", "--json")
    b.call("damaged: layout check", "layout", "check", "xiami", "--sample", "dumps", "--json", code=3)
    shutil.copytree(b.folder / IN / "whole", b.folder / "dumps", dirs_exist_ok=True)
    export(b, "made good", "dumps", "damaged", *SMALL, *ONE)
    b.look_at("made good", "damaged")
    lists(b, "made good", "damaged", [], ["--shards"])
    verifies(b, "made good", "damaged", code=3)
    # No whole shard begins with what a flipped bit left of one, so nothing shows its repair.
    verifies(b, "made good", "damaged", "--accept-dead-letters", code=3)


def options_of_export(b, _):
    export(b, "no catalogue", IN / "small.ndjson", "bare", *SMALL, *ONE, "--no-catalogue")
    b.look_at("no catalogue", "bare")
    export(b, "config file", IN / "small.ndjson", "config", "--config", IN / "set.toml", "--memory", "512M", "--shards-in-flight", "1")
    b.look_at("config file", "config")
    export(b, "roster", IN / "small.ndjson", "roster", *SMALL, *ONE, "--roster", IN / "roster.txt")
    b.look_at("roster", "roster")
    export(b, "longer roster", IN / "small.ndjson.gz", "roster", *SMALL, *ONE, "--roster", IN / "long-roster.txt", code=3)
    b.look_at("longer roster", "roster")
    verifies(b, "longer roster", "roster", code=3)
    export(b, "deadline", IN / "small.ndjson", "deadline", *SMALL, *ONE, "--deadline", "2100-01-01T00:00:00Z")
    export(b, "late", IN / "small.ndjson", "late", *SMALL, *ONE, "--deadline", "2001-01-01T00:00:00Z")
    b.call("quiet: export", "export", IN / "small.ndjson", "--out", "quiet", "--quiet", "--log", "json", *SMALL)
    b.call("late: status", "status", "late", "--json")
    # Where it stops depends on the time; that it stops, and what it says, does not.
    ended, _, log = b.run("export", IN / "first/dumps", "--out", "stopped", "--json", "--level", "19", "--slice", "1M", *ONE, "--deadline",
                          "2001-01-01T00:00:00Z", "--abort-if-late")
    b.see("abort if late: export", {"exit": ended, "log": [[line["id"], *line] for line in map(json.loads, log.splitlines())
                                                           if line["id"] not in ("PROGRESS", "DEAD_LETTERS")]})
    b.call("abort if late: status", "status", "stopped", "--json", code=1, only_shape=True)


def poison(b, _):
    """A document that ends the process is a dead letter at the third start."""
    line = (b.folder / IN / "small.ndjson").read_bytes().splitlines()[400]
    words = [*ONE, "--memory", "512M", "--test-crash-on", line[:line.index(b",") + 1].decode()]
    for time in ("first", "second"):
        export(b, f"poison, {time} time", IN / "small.ndjson", "poison", *words, code=-signal.SIGSEGV)
        b.call(f"poison, {time} time: status", "status", "poison", "--json", code=1, only_shape=True)  # counters are as of the last beat
    export(b, "poison, third time", IN / "small.ndjson", "poison", *words, code=3)
    b.look_at("poison", "poison")
    lists(b, "poison", "poison", [], ["--dead-letters"], ["--slices"])


def resumed(b, _):
    """A process dies in the midst of several slices; what was committed by then depends on the time, the end does not."""
    line = (b.folder / IN / "small.ndjson").read_bytes().splitlines()[500]
    words = ["export", IN / "small.ndjson", "--out", "resumed", *SMALL, *ONE]
    b.see("resumed: killed", b.run(*words, "--test-crash-on", line[:line.index(b",") + 1].decode())[0])
    b.see("resumed: goes on", b.run(*words)[0])
    b.look_at("resumed", "resumed", at_once=False)
    lists(b, "resumed", "resumed")


def findings(b, _):
    """What `verify` says of a directory that somebody changed."""
    export(b, "before changes", IN / "mixed", "changed", *BIG, *ONE, code=3)
    out = b.folder / "changed"
    pack = sorted((out / "packs").iterdir())[-1]
    letters = sorted((out / "dead-letters").iterdir())[0]
    changes = {"a pack is gone": lambda: pack.rename(out / "pack"), "a strange file": lambda: (out / "packs/strange").write_text("?\n"),
               "dead letters cut": lambda: os.truncate(letters, 30), "no checksums": lambda: (out / "SHA256SUMS").unlink(),
               "modes": lambda: (pack.parent.chmod(0o755), (out / "ledger.sqlite").chmod(0o644)),
               "a row": lambda: sqlite_do(out / "ledger.sqlite", "UPDATE documents SET length = length + 1, outcome = 1 WHERE row = 3"),
               "all rows": lambda: sqlite_do(out / "ledger.sqlite", "DELETE FROM slices")}
    for name, change in changes.items():
        shutil.copytree(out, b.folder / "kept")
        change()
        ended, said, _ = b.run("verify", "changed", "--json", "--quiet")
        b.see(f"verify, {name}", [ended, [masked(parsed(line)) for line in b.here(said).splitlines()]])
        b.see(f"export, {name}", b.run("export", IN / "mixed", "--out", "changed", *BIG, *ONE)[0])
        b.see(f"status, {name}", b.run("status", "changed", "--json")[0])
        shutil.rmtree(out)
        (b.folder / "kept").rename(out)


def sqlite_do(path, statement):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def rebuilt(b, _):
    """Ledgers that are lost, of another version, or belong to damaged packs."""
    export(b, "before a rebuild", IN / "small.ndjson", "lost", *SMALL, *ONE)
    export(b, "before a rebuild, delta", [IN / "damaged", IN / "pretty.json"], "lost", *SMALL, *ONE, code=2)
    export(b, "before a rebuild, damaged", IN / "damaged", "lost", *SMALL, *ONE, code=3)
    out = b.folder / "lost"
    for name in ("other", "flipped", "short"):
        shutil.copytree(out, b.folder / name)
    (out / "ledger.sqlite").unlink()
    b.call("lost ledger: status", "status", "lost", "--json", code=1)
    b.call("lost ledger: list", "list", "lost", "--json", code=2)
    verifies(b, "lost ledger", "lost", code=2)
    export(b, "lost ledger", IN / "small.ndjson", "lost", *SMALL, code=2)
    b.call("rebuilt: rebuild", "rebuild", "lost")
    b.look_at("rebuilt", "lost")
    lists(b, "rebuilt", "lost")
    verifies(b, "rebuilt", "lost", code=3)
    export(b, "rebuilt", IN / "next/dumps", "lost", *BIG, *ONE, code=3)
    b.look_at("rebuilt, then a delta", "lost")
    sqlite_do(b.folder / "other/ledger.sqlite", "PRAGMA user_version = 99")
    for command, code in (("list", 2), ("verify", 1), ("status", 0)):
        b.call(f"newer ledger: {command}", command, "other", "--json", code=code)
    held = json.loads(b.run("list", "flipped", "--accounts", "--json")[1].splitlines()[0])
    pack = b.folder / "flipped" / held["pack"]
    pack.write_bytes(flipped(pack.read_bytes(), held["offset"] + held["bytes"] // 2))
    os.truncate(b.folder / "short" / held["pack"], held["offset"] + 10)
    for name in ("flipped", "short"):
        verifies(b, f"{name} pack", name, code=1)
        b.call(f"{name} pack: rebuild", "rebuild", name, code=1)
        b.call(f"{name} pack: extract", "extract", name, "--account", held["account"], "--as", "dump", raw=True, code=1)


def catalogues(b, _):
    for name, more in (("one", []), ("bare1", ["--no-catalogue"])):
        export(b, f"catalogue of {name}", IN / "small.ndjson", name, *SMALL, *ONE, *more)
    export(b, "catalogue of other", IN / "whole", "other1", *SMALL, *ONE)
    for name, words, code in (("joined", ["one", "other1", "--to", "joined", "--threads", "2"], 0),
                              ("joined again", ["other1", "--to", "joined"], 0),
                              ("in little memory", ["one", "other1", "--to", "little", "--memory", "1M"], 0),
                              ("twice", ["one", "one", "--to", "no"], 2),
                              ("without one", ["bare1", "--to", "no"], 2),
                              ("into files", ["one", "--to", "other1"], 2)):
        b.call(f"catalogue {name}", "catalogue", *words, "--json", code=code)
    for name in ("joined", "little"):
        b.see(f"catalogue {name}: files", files_of(b.folder / name))
    if b"--publish" in b.run("catalogue", "--help")[1]:
        b.call("catalogue --publish", "catalogue", "one", "other1", "--publish", "--to", "public", "--json")
        b.see("catalogue --publish: files", files_of(b.folder / "public"))


def tables_of_tracks(b, s):
    for table in [IN / "table.tsv", *sorted(s.data.glob("*.tsv"))]:
        header = (b.folder / table).read_text().split("\n")[0].split("\t")
        b.call(f"recordings {table.name}", "recordings", table, "--json", code=0 if "title" in header else 2)
        for label in [h for h in header if h in ("label", "isrc")]:
            b.call(f"recordings {table.name} --labels {label}", "recordings", table, "--labels", label, "--json")


def layouts(b, s):
    b.call("layout show", "layout", "show", "xiami", raw=True)
    b.call("layout check xiami", "layout", "check", "xiami", "--sample", IN / "small.ndjson", "--json")
    b.call("layout check of faults", "layout", "check", "xiami", "--sample", IN / "mixed", "--documents", "100", "--json", code=3)
    for name, toml, dumps in s.layouts():
        out = "of-" + name.replace(" ", "-")
        checked = b.run("layout", "check", toml, "--sample", dumps[0], "--json")
        b.see(f"layout {name}: check", [checked[0], [parsed(line) for line in b.here(checked[1]).splitlines()]])
        ended, _, log = b.run("export", *dumps, "--out", out, "--layout", toml, "--json", *ONE)
        b.see(f"layout {name}: export", [ended, log_of(b.here(log).splitlines())])
        if ended in (0, 3):
            b.look_at(f"layout {name}", out)
            lists(b, f"layout {name}", out, [], ["--dead-letters"])


GIVEN = """plan --json --accounts 1000000 --mean-bytes 100K --rate 100M --memory 512M --start 2021-01-05T00:00:00Z""".split()
WINDOWS = {"window": "--deadline 2021-01-06T00:00:00Z --change-rate 0.1", "late": "--deadline 2021-01-05T00:02:00Z",
           "nights": "--hours-per-day 0.1", "arrival": "--arrival 1M --deadline 2021-02-05T00:00:00Z"}
FEW = "../input/first/dumps --work tmp --time 0 --json --quiet --threads 1".split()
PLAN = "--ignore-noise --sample 8M --deadline 2100-01-01T00:00:00Z --change-rate 0.02".split()
TUNE = "--sample 1M --level 3 --io threads --shards-in-flight 1,2 --write tuned.toml".split()


def forecasts(b, s):
    for name, more in WINDOWS.items():
        words = [*GIVEN, *more.split()]
        b.call(f"plan, {name}", *words, code=4 if name == "late" else 0)
        # The clock is given here, so the times that it leads to are compared too.
        answer = parsed(b.run(*words)[1])
        b.see(f"plan, {name}: times", {key: answer.get(key) for key in ("finish", "secondsNeeded", "headroom")})
    if not s.quick:
        b.call("plan, measured", "plan", *FEW, *PLAN, only_shape=True)
        b.call("tune", "tune", *FEW, *TUNE, only_shape=True)
        b.see("plan and tune: nothing left behind", sorted(os.listdir(b.folder / "tmp")))


ALL = [fresh_and_delta, two_threads, kinds_of_input, damaged_shards, options_of_export, poison, resumed, rebuilt, findings, catalogues,
       tables_of_tracks, layouts, forecasts]
