"""Memory of predicting a long file: `python -m benchmarks.memory`. With `--rows 5000000` of another length.

A table of a time and nine columns, a window at every row, a small model: what takes memory are the rows and the windows. The command
is a process of its own, and its peak the highest resident memory, Python and libraries included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reading import write_table

STEPS, TRAINED_ON = 8, 400
PROGRAM = """
import json, resource, sys, time
from complex_lstm.cli import main
begun = time.perf_counter()
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
seconds, peak = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, peak / 2**20]))
"""


@dataclass(frozen=True)
class Measured:
    """A command's seconds and peak memory in GB."""

    rows: int
    seconds: float
    gigabytes: float


def command(*arguments: object) -> tuple[float, float]:
    """Return the seconds and the peak memory in GB of a command in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=True)
    seconds, gigabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, gigabytes


def predict_long(rows: tuple[int, ...], tell: Callable[[Measured], None] = lambda one: None) -> list[Measured]:
    """Return what predicting a window at every row takes, for files of so many rows."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        small, model, long = (Path(folder) / name for name in ("small.csv", "model.safetensors", "long.csv"))
        write_table(small, TRAINED_ON)
        command(
            "train", "--data", small, "--out", model, "--hidden", 8, "--lstm-layers", 1, "--heads", 1, "--epochs", 1, "--window", STEPS,
            "--target", "a", "--task", "values", "--no-simple-models",
        )  # fmt: skip
        for count in rows:
            long.unlink(missing_ok=True)
            write_table(long, count)
            found.append(Measured(count, *command("predict", "--model", model, "--data", long, "--out", Path(folder) / "out.csv")))
            tell(found[-1])
    return found


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    print("| rows | s | peak, GB |\n|---|---|---|")
    predict_long(
        tuple(options.parse_args().rows), lambda one: print(f"| {one.rows:,} | {one.seconds:.0f} | {one.gigabytes:.2f} |", flush=True)
    )


if __name__ == "__main__":
    main()
