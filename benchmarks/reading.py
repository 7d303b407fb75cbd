"""Reading a file against pandas alone: `python -m benchmarks.reading`. With `--rows 5000000` of another length.

Each reading is a process of its own, so that its peak memory is its own: the highest resident size less that before reading.
Time is the processor's, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Ratio, ratio_of

ROUNDS = 5
PROGRAM = """
import io, json, resource, sys, time
from pathlib import Path
import pandas as pd
from complex_lstm.data import examine, read_csv
way, path = sys.argv[1], Path(sys.argv[2])
small = b"time,x,y\\n" + b"".join(b"2020-01-%02d 00:00,2.5,%d\\n" % (day, day) for day in range(1, 32))
ways = {
    "pandas, path": lambda: pd.read_csv(path), "ours, path": lambda: read_csv(path),
    "pandas, bytes": lambda: pd.read_csv(io.BytesIO(content)), "ours, bytes": lambda: read_csv(content, path.name),
    "ours, path, with what is offered": lambda: examine(path),
}
pd.read_csv(io.BytesIO(small)), read_csv(small, "small.csv"), examine(small, "small.csv")  # imports, and what is compiled once
content = path.read_bytes() if "bytes" in way else b""
before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
kept = ways[way]()
seconds = time.process_time() - begun
print(json.dumps([seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]))
"""
PAIRS = (
    ("by path", "pandas, path", "ours, path"),
    ("from bytes", "pandas, bytes", "ours, bytes"),
    ("by path, with what is offered", "pandas, path", "ours, path, with what is offered"),
)


def write_table(path: Path, rows: int) -> None:
    """Write a clean table: a time and nine columns of numbers."""
    random = np.random.default_rng(0)
    for start in range(0, rows, 500_000):
        count = min(500_000, rows - start)
        frame = pd.DataFrame(random.normal(size=(count, 9)).round(4), columns=list("abcdefghi"))
        times = pd.date_range("2020-01-01", periods=rows, freq="min")[start : start + count]
        frame.insert(0, "time", times.strftime("%Y-%m-%d %H:%M"))
        frame.to_csv(path, index=False, header=not start, mode="a")


def measured(way: str, path: Path) -> tuple[float, float]:
    """Return the processor seconds and the MB of memory of one reading."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, way, str(path)], capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def ratios(rows: int, rounds: int = ROUNDS) -> list[Ratio]:
    """Return the ratios of the processor's time for files of so many rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, rows)
        found = []
        for what, plain, ours in PAIRS:
            pairs = [(1000 * measured(plain, path)[0], 1000 * measured(ours, path)[0]) for _ in range(rounds)]
            found.append(ratio_of(f"reading {rows:,} x 10 {what}: pandas / ours", pairs))
    return found


def row(what: str, plain: str, ours: str, path: Path) -> str:
    """Return a row of the table: the median of both ways and of their ratio over the rounds, in which they take turns."""
    pairs = [(measured(plain, path), measured(ours, path)) for _ in range(ROUNDS)]
    seconds, memory = ([[side[one] for side in pair] for pair in pairs] for one in (0, 1))
    times, sizes = ([statistics.median(column) for column in zip(*found, strict=True)] for found in (seconds, memory))
    by_time, by_size = (statistics.median(second / first for first, second in found) for found in (seconds, memory))
    return f"| {what} | {times[0]:.2f} | {times[1]:.2f} | {by_time:.2f} | {sizes[0]:.0f} | {sizes[1]:.0f} | {by_size:.2f} |"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    print("| what | pandas, s | ours, s | ours / pandas | pandas, MB | ours, MB | ours / pandas |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, rows)
        for what, plain, ours in PAIRS:
            print(row(f"{rows:,} x 10 {what}", plain, ours, path), flush=True)


if __name__ == "__main__":
    main()
