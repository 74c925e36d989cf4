"""The counts that the README's table is made from."""
import json
import sys
from pathlib import Path


class Counts:
    """How often each fault was tried, and what it cost; written to RESULTS/DRIVER.json at the end."""

    def __init__(self, results):
        self.driver = Path(sys.argv[0]).stem.removesuffix("_test")
        self.results = Path(results) if results else None
        self.rows = {}

    def add(self, fault, injected, tried=1, lost=0, doubled=0, redone=0, outcome=""):
        row = self.rows.setdefault((fault, injected), {"fault": fault, "injected": injected, "tried": 0, "lost": 0,
                                                       "doubled": 0, "slicesRedone": 0, "outcome": outcome})
        row["tried"] += tried
        row["lost"] += lost
        row["doubled"] += doubled
        row["slicesRedone"] += redone

    def write(self):
        for row in self.rows.values():
            print(f"{row['fault']} ({row['injected']}): tried {row['tried']}, documents lost {row['lost']}, "
                  f"doubled {row['doubled']}, slices redone {row['slicesRedone']}")
        if self.results:
            self.results.mkdir(parents=True, exist_ok=True)
            (self.results / f"{self.driver}.json").write_text(json.dumps(list(self.rows.values()), indent=1) + "\n")
