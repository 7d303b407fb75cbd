"""Taking snapshots of a model while it trains, at chosen steps, of the same windows each time."""

from __future__ import annotations

import copy
from collections import defaultdict
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from jaxtyping import Float, Int
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from complex_lstm.data.windowing import Windows
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import ForwardPass, record
from complex_lstm.model.sites import ActiveBlocks, Site
from complex_lstm.runs.snapshots import CELLS, ProbeSet, Snapshot, delete_snapshots_after, kept_steps, write_probe_set, write_snapshot
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import WindowBatches
from complex_lstm.training.gradients import COMPONENTS, GradientMonitor

WINDOWS = 4  # whose attention and gate are recorded
EVALUATED = 120  # windows whose outputs are recorded
CHUNK = 30  # of them in a forward pass: where memory is short for training, a snapshot must not need more
BINS = 40  # of the gate's values
EARLY = 1.5  # the power by which snapshots lie closer together at first, where most happens


def snapshot_steps(steps: int, count: int) -> tuple[int, ...]:
    """Return the optimizer steps of `count` snapshots: the untrained model, the end, and others between, closer together at first."""
    if count < 1:
        return ()
    return tuple(sorted({round(steps * (number / max(count - 1, 1)) ** EARLY) for number in range(count)}))


def choose_probe_set(batches: WindowBatches, part: str, *, classes: bool) -> ProbeSet:
    """Return the windows of the snapshots: evenly spread over the part, and one window of each class as far as there is room."""
    spread = _evenly(len(batches), EVALUATED)
    truth = batches.truth[batches.chosen[spread]].numpy()
    firsts = np.unique(truth, return_index=True)[1] if classes else _evenly(len(spread), WINDOWS)
    close = batches.chosen[spread[np.sort(firsts)[:WINDOWS]]]
    length = batches.windows.length[close]
    cell = -(-int(length.max()) // CELLS)
    return ProbeSet(part, close, length, batches.chosen[spread], truth, cell, COMPONENTS)


class SnapshotCallback(Callback):
    """Writes a Snapshot into the run's folder at each of the chosen steps, and at the end.

    It is taken of a copy of the model, in the background: the training is not changed, and waits only if the snapshot before has
    not been written yet.
    """

    def __init__(self, folder: Path, batches: WindowBatches, probes: ProbeSet, *, count: int, worker: BackgroundWorker) -> None:
        self.folder, self.windows, self.probes = folder, batches.windows, probes
        self.count, self.worker = count, worker
        self.steps: frozenset[int] = frozenset()
        self.kept: set[int] = set()

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.steps = frozenset(snapshot_steps(int(trainer.estimated_stepping_batches), self.count))
        write_probe_set(self.folder, self.probes)
        delete_snapshots_after(self.folder, trainer.global_step)
        self.kept = set(kept_steps(self.folder))
        module: Any = pl_module
        self.copy = copy.deepcopy(module.model).eval()

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        if trainer.global_step in self.steps:
            self._take(trainer, pl_module, trainer.current_epoch + 1)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._take(trainer, pl_module, trainer.current_epoch)  # which Lightning has counted up by then

    def _take(self, trainer: lightning.Trainer, module: Any, epoch: int) -> None:
        step, parts = trainer.global_step, module.parts
        if step in self.kept:
            return
        monitors = [one for one in trainer.callbacks if isinstance(one, GradientMonitor)]  # type: ignore[attr-defined]  # set at run time
        norms = monitors[0].before if monitors else {}  # at the last step
        gradients = np.array([norms.get(name, np.nan) for name in self.probes.components], dtype=np.float32)
        self.worker.wait()
        self.copy.load_state_dict(module.model.state_dict())

        def take() -> None:
            recorded = _record(self.copy, parts, self.windows, self.probes)
            write_snapshot(self.folder, make_snapshot(recorded, self.probes, step, epoch, gradients))

        self.worker.submit(take)
        self.kept.add(step)


@torch.no_grad()
def _record(model: ComplexLSTMModel, parts: ActiveBlocks, windows: Windows, probes: ProbeSet) -> dict[str, list[Float[np.ndarray, "..."]]]:
    """Return what forward passes of the probe set give, by the names of the sites; a part that is not trained yet gives nothing."""
    device = model.gradient_scale.device
    found: dict[str, list[Float[np.ndarray, "..."]]] = defaultdict(list)

    def run(chosen: Int[np.ndarray, " window"], names: tuple[str, ...]) -> None:
        def keep(site: Site, value: Tensor) -> None:
            if site.name in names:
                found[site.name].append(value.float().cpu().numpy())

        x, length = torch.from_numpy(windows.inputs(chosen)).to(device), torch.from_numpy(windows.length[chosen])
        model(x, length, ForwardPass(record(keep), blocks=parts, attention_weights="attention" in names))

    run(probes.windows, ("attention", "gate"))
    for first in range(0, len(probes.evaluated), CHUNK):
        run(probes.evaluated[first : first + CHUNK], ("ensemble_head_outputs", "prediction"))
    found["scale"] = [model.gradient_scale.cpu().numpy()]
    return found


def make_snapshot(
    recorded: dict[str, list[Float[np.ndarray, "..."]]], probes: ProbeSet, step: int, epoch: int, gradients: Float[np.ndarray, " component"]
) -> Snapshot:
    """Return the snapshot of what forward passes of the probe set gave."""
    longest = int(probes.length.max())
    gate = recorded["gate"][0] if recorded["gate"] else np.full((len(probes.windows), longest, 1), np.nan, np.float32)
    real = np.arange(longest) < probes.length[:, None]
    values = gate[real][~np.isnan(gate[real])]
    return Snapshot(
        step,
        epoch,
        _attention(recorded["attention"], probes),
        _in_cells(np.where(real, gate.mean(-1), np.nan), probes.cell),
        np.histogram(values, bins=BINS, range=(0, 1))[0].astype(np.float32) / max(values.size, 1),
        np.concatenate(recorded["ensemble_head_outputs"]),
        np.concatenate(recorded["prediction"]),
        gradients,
        float(recorded["scale"][0][0]),
    )


def _attention(
    layers: list[Float[np.ndarray, "window head query key"]], probes: ProbeSet
) -> Float[np.ndarray, "window layer head query_cell key_cell"]:
    """Return the maps in cells: summed over the keys of a cell, averaged over its real queries."""
    longest, cell = int(probes.length.max()), probes.cell
    cells = -(-longest // cell)
    if not layers:
        return np.zeros((len(probes.windows), 0, 0, cells, cells), dtype=np.float16)
    maps = np.stack(layers, axis=1)
    room = cells * cell - longest
    maps = np.pad(maps, [(0, 0)] * 3 + [(0, room)] * 2).reshape(*maps.shape[:3], cells, cell, cells, cell)
    real = np.minimum(np.maximum(probes.length[:, None] - cell * np.arange(cells), 1), cell)  # queries of each cell
    return (maps.sum(axis=(4, 6)) / real[:, None, None, :, None]).astype(np.float16)


def _in_cells(values: Float[np.ndarray, "window time"], cell: int) -> Float[np.ndarray, "window cell"]:
    """Return the mean over each cell's real steps, NaN where it has none."""
    room = -values.shape[1] % cell
    grouped = np.pad(values, [(0, 0), (0, room)], constant_values=np.nan).reshape(len(values), -1, cell)
    counts = (~np.isnan(grouped)).sum(axis=-1)
    return np.where(counts > 0, np.nansum(grouped, axis=-1) / np.maximum(counts, 1), np.nan).astype(np.float32)


def _evenly(count: int, most: int) -> Int[np.ndarray, " place"]:
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
