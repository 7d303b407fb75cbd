"""Makes what is missing in `benchmarks/results/claims.json`, run by run, and writes it; with `--again` all is made.

`--seeds 2` and `--minutes 15` (of the processor) limit it; what has been run stands in the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.claims import shipped
from benchmarks.claims.data import TASKS, Task
from benchmarks.claims.inside import looked_into, read_by_depth, watched
from benchmarks.claims.models import BASE, PLAIN, VARIANTS, make, parameters
from benchmarks.claims.training import row, train
from complex_lstm.config import ModelConfig
from complex_lstm.evaluation.simple_models import fit_simple_models
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.metrics import ClassScores, score
from complex_lstm.profiling import initial_flow

RESULTS = Path(__file__).resolve().parent.parent / "results"
FILE, STRATEGIES = RESULTS / "claims.json", RESULTS / "strategies.csv"
DIGITS = 5
SEVERAL = (BASE, "one ensemble head", "plain LSTM", "plain GRU")
GRADIENT_WINDOWS = 16


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() and not chosen.again else {}
    tasks = {name: open_task() for name, open_task in TASKS.items()}
    if "simple" not in found:
        found["simple"] = [row for task in tasks.values() for row in simple_models(task)]
    if "shipped" not in found:
        found["shipped"] = shipped.measured()
    if "gradients" not in found:
        found["gradients"] = [row for task in tasks.values() for row in initial_gradients(task)]
    found["strategies"] = strategies()
    found["tasks"] = [
        {"data": task.name, "learned": len(task.learned.x), "scored": len(task.scored.x), "epochs": task.epochs, "batch": task.batch}
        for task in tasks.values()
    ]
    write(found)
    runs = found.setdefault("runs", [])
    done = {(one["data"], one["variant"], one["seed"]) for one in runs}
    for variant, seed in planned(chosen.seeds):
        for task in tasks.values():
            if (task.name, variant, seed) in done or time.process_time() > 60 * chosen.minutes:
                continue
            runs.append(one_run(task, variant, seed, found))
            write(found)
            print(json.dumps({name: runs[-1][name] for name in ("data", "variant", "seed", "score", "seconds")}), flush=True)


def planned(seeds: int) -> list[tuple[str, int]]:
    """Return what to run, the most important first: two seeds of what the spread is taken from, one of the others, then the rest."""
    first = [(variant, seed) for seed in range(min(seeds, 2)) for variant in SEVERAL]
    every = [(variant, seed) for seed in range(seeds) for variant in VARIANTS]
    return list(dict.fromkeys([*first, *every]))


def one_run(task: Task, variant: str, seed: int, found: dict[str, Any]) -> dict[str, Any]:
    """Train one model and return its scores; of the architecture as it is what goes on inside is added to what is found."""
    torch.manual_seed(seed)
    model = make(variant, task.learned.x.shape[2], task.outputs)
    where = {"data": task.name, "variant": variant, "seed": seed}
    if variant == BASE:
        trained, course = watched(model, task, seed)
        found.setdefault("courses", []).append(where | course)
        found.setdefault("inside", []).append(where | looked_into(trained.model, task))
        found.setdefault("depths", []).append(where | read_by_depth(trained.model, task))
    else:
        trained = train(model, task, seed)
    latency = {"latency": seconds_a_window(trained.model, task)} if variant in (BASE, *PLAIN) else {}
    return where | {"parameters": parameters(model)} | row(trained, task) | latency


@torch.no_grad()
def seconds_a_window(model: Any, task: Task) -> float:
    """Return the median time of the processor that one window takes alone."""
    taken = []
    for number in range(15):
        start = time.process_time()
        model(task.scored.x[number : number + 1, : int(task.scored.lengths[number])], task.scored.lengths[number : number + 1])
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def simple_models(task: Task) -> list[dict[str, Any]]:
    """Return the scores of the models without a network on the same test part."""
    windows, rows = task.dataset.windows.of_part("test"), []
    for simple in fit_simple_models(task.dataset):
        start = time.process_time()
        predicted = simple.predict(windows)
        found = score(task.dataset, windows, predicted)
        value = found.accuracy if isinstance(found, ClassScores) else float(1 - (found.squared_error / found.persistence).mean())
        rows.append({"data": task.name, "model": simple.name, "score": value, "latency": (time.process_time() - start) / len(windows)})
    return rows


def initial_gradients(task: Task) -> list[dict[str, Any]]:
    """Return what is kept of the gradient before training, with the residuals and without; four blocks of 64 channels."""
    config = ModelConfig(len(task.dataset.schema.roles.features), 64, 4, 8, task.outputs)
    windows = evenly_spread(task.dataset.windows.of_part("training"), GRADIENT_WINDOWS)
    flows = ((seed, initial_flow(config, task.dataset, windows, seed=seed).kept) for seed in range(3))
    return [{"data": task.name, "seed": seed, "windows": len(windows), "residual": kept, "bare": bare} for seed, (kept, bare) in flows]


def strategies() -> list[dict[str, Any]]:
    """Return the runs of `benchmarks.strategies`, higher scores being better as here."""
    runs = pd.read_csv(STRATEGIES)
    wanted = runs[runs["variant"].isin(["plain", "gradual complexity", "adaptive dropout", "component rates", "the document's together"])]
    values = np.where(wanted["data"] == "nyc_weather", 1 - wanted["score"], wanted["score"])
    return [
        {"data": data, "variant": variant, "seed": int(seed), "score": float(value), "seconds": float(seconds)}
        for data, variant, seed, value, seconds in zip(
            wanted["data"], wanted["variant"], wanted["seed"], values, wanted["seconds"], strict=True
        )
    ]


def write(found: dict[str, Any]) -> None:
    """Write the file, each row of a list on its line."""
    parts = []
    for name, value in rounded(found).items():
        rows = ",\n  ".join(json.dumps(one) for one in value) if isinstance(value, list) else ""
        parts.append(f"{json.dumps(name)}: [\n  {rows}\n ]" if rows else f"{json.dumps(name)}: {json.dumps(value)}")
    FILE.write_text("{\n " + ",\n ".join(parts) + "\n}\n")


def rounded(value: Any) -> Any:
    """Return the same with its numbers to five digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    warnings.simplefilter("error")
    main(sys.argv[1:])
