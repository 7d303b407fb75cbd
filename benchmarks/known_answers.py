"""How well each method finds the cells that were planted, and what it costs: `python -m benchmarks.known_answers`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import torch

from complex_lstm import load_checkpoint
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.data.planted import Kind, cause_frame, make_planted, planted_frame
from complex_lstm.interpretation import METHODS, explain, make_request
from complex_lstm.interpretation.global_importance import predicted_output
from complex_lstm.interpretation.ground_truth import detect, true_cells
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import pick_device, settle_threads, worker_count
from complex_lstm.samples import SAMPLES

TASKS: dict[str, Kind] = {"planted_order": "order", "planted_shape": "shape"}
WINDOWS, SEED = 100, 2026  # windows that no model was trained on and no setting was chosen by


def rows(task: str) -> pd.DataFrame:
    """Return one row a window and method: AUROC, AUPRC, chance and seconds, of the class that is predicted."""
    planted, device = make_planted(TASKS[task], WINDOWS, seed=SEED), pick_device()
    loaded = load_checkpoint(SAMPLES[task].checkpoint)
    table = read_csv(planted_frame(planted).to_csv(index=False).encode(), f"{task}.csv")
    dataset = prepare_for(table, loaded.schema, loaded.window, loaded.scaling)  # type: ignore[attr-defined]  # shipped ones are whole
    model, known = loaded.model.to(device), cause_frame(planted)

    def of_window(window: int) -> list[dict[str, object]]:
        return _of_window(model, dataset, known, window, device)

    with ThreadPoolExecutor(worker_count(device)) as pool:
        found = [row for part in pool.map(of_window, range(WINDOWS)) for row in part]
    return pd.DataFrame(found)


def _of_window(
    model: ComplexLSTMModel, dataset: Dataset, known: pd.DataFrame, window: int, device: torch.device
) -> list[dict[str, object]]:
    truth = true_cells(known, dataset, window)
    request = make_request(dataset, window, predicted_output(model, dataset, window))
    found = []
    for method in METHODS:
        answer = explain(model, request, method, device=device)
        found.append({"method": method, "seconds": answer.seconds} | vars(detect(answer.cells, truth)))
    return found


def table(of_tasks: dict[str, pd.DataFrame]) -> str:
    """Return the Markdown table: means over the windows, with the standard error of the AUPRC, best AUPRC first."""
    summaries = {task: frame.groupby("method") for task, frame in of_tasks.items()}
    order = sum(summary["auprc"].mean() for summary in summaries.values()).sort_values(ascending=False).index  # type: ignore[union-attr]
    head = [f"{task}: {name}" for task in of_tasks for name in ("AUPRC", "AUROC", "ms a window")]
    lines = ["| method | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for method in order:
        cells = [cell for summary in summaries.values() for cell in _cells(summary.get_group(method))]
        lines.append(f"| {METHODS[str(method)].label} | " + " | ".join(cells) + " |")
    chance = [cell for frame in of_tasks.values() for cell in (f"{frame['chance'].mean():.3f}", "0.500", "")]
    return "\n".join([*lines, "| chance | " + " | ".join(chance) + " |"])


def _cells(frame: pd.DataFrame) -> tuple[str, str, str]:
    auprc = f"{frame['auprc'].mean():.3f} ± {frame['auprc'].sem():.3f}"
    return auprc, f"{frame['auroc'].mean():.3f}", f"{1000 * frame['seconds'].median():.0f}"


if __name__ == "__main__":
    settle_threads()
    chosen = sys.argv[1:] or TASKS
    measured = {task: rows(task) for task in chosen}
    print(f"{WINDOWS} fresh windows of each task, seed {SEED}\n\n{table(measured)}")
