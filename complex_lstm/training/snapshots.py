"""Looks into a model while it trains, at chosen steps, at the same windows each time."""

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
from complex_lstm.runs.snapshots import CELLS, Moment, ProbeSet, forget_after, kept_steps, write_moment, write_watched
from complex_lstm.training.background import BackgroundWorker
from complex_lstm.training.batches import WindowBatches
from complex_lstm.training.gradients import COMPONENTS, GradientWatch

WINDOWS = 4  # looked at closely
JUDGED = 120  # windows of which the outputs are kept
AT_ONCE = 30  # of them in a forward pass: where memory is short for the training, looking must not need more
BINS = 40  # of the gate's values
EARLY = 1.5  # the power by which moments lie closer together at first, where most happens


def moment_steps(steps: int, wanted: int) -> tuple[int, ...]:
    """Return the optimizer's steps to look at: the untrained model, the end, and others between, closer together at first."""
    if wanted < 1:
        return ()
    return tuple(sorted({round(steps * (place / max(wanted - 1, 1)) ** EARLY) for place in range(wanted)}))


def choose_watched(batches: WindowBatches, part: str, *, classes: bool) -> ProbeSet:
    """Return the windows to look at: evenly spread, and of classes one window each as far as there is room."""
    spread = _evenly(len(batches), JUDGED)
    truth = batches.truth[batches.chosen[spread]].numpy()
    firsts = np.unique(truth, return_index=True)[1] if classes else _evenly(len(spread), WINDOWS)
    close = batches.chosen[spread[np.sort(firsts)[:WINDOWS]]]
    length = batches.windows.length[close]
    cell = -(-int(length.max()) // CELLS)
    return ProbeSet(part, close, length, batches.chosen[spread], truth, cell, COMPONENTS)


class Moments(Callback):
    """Keeps a Moment in the run's folder at each of the chosen steps, and at the end.

    A copy is looked into, aside: the training notices nothing, and waits only if the look before has not ended.
    """

    def __init__(self, folder: Path, batches: WindowBatches, watched: ProbeSet, *, wanted: int, aside: BackgroundWorker) -> None:
        self.folder, self.windows, self.watched = folder, batches.windows, watched
        self.wanted, self.aside = wanted, aside
        self.steps: frozenset[int] = frozenset()
        self.kept: set[int] = set()

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.steps = frozenset(moment_steps(int(trainer.estimated_stepping_batches), self.wanted))
        write_watched(self.folder, self.watched)
        forget_after(self.folder, trainer.global_step)
        self.kept = set(kept_steps(self.folder))
        module: Any = pl_module
        self.copy = copy.deepcopy(module.model).eval()

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        if trainer.global_step in self.steps:
            self._keep(trainer, pl_module, trainer.current_epoch + 1)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._keep(trainer, pl_module, trainer.current_epoch)  # counted on by then

    def _keep(self, trainer: lightning.Trainer, module: Any, epoch: int) -> None:
        step, parts, norms = trainer.global_step, module.parts, _last_norms(trainer)
        if step in self.kept:
            return
        gradients = np.array([norms.get(name, np.nan) for name in self.watched.components], dtype=np.float32)
        self.aside.wait()
        self.copy.load_state_dict(module.model.state_dict())

        def keep() -> None:
            seen = _walk(self.copy, parts, self.windows, self.watched)
            write_moment(self.folder, make_moment(seen, self.watched, step, epoch, gradients))

        self.aside.do(keep)
        self.kept.add(step)


@torch.no_grad()
def _walk(model: ComplexLSTMModel, parts: ActiveBlocks, windows: Windows, watched: ProbeSet) -> dict[str, list[Float[np.ndarray, "..."]]]:
    """Return what passes of the watched windows leave behind, by the names of the walk's steps; a part that is not in leaves nothing."""
    device = model.gradient_scale.device
    kept: dict[str, list[Float[np.ndarray, "..."]]] = defaultdict(list)

    def go(chosen: Int[np.ndarray, " window"], wanted: tuple[str, ...]) -> None:
        def keep(site: Site, value: Tensor) -> None:
            if site.name in wanted:
                kept[site.name].append(value.float().cpu().numpy())

        x, length = torch.from_numpy(windows.inputs(chosen)).to(device), torch.from_numpy(windows.length[chosen])
        model(x, length, ForwardPass(record(keep), blocks=parts, attention_weights="attention" in wanted))

    go(watched.windows, ("attention", "gate"))
    for first in range(0, len(watched.judged), AT_ONCE):
        go(watched.judged[first : first + AT_ONCE], ("ensemble_head_outputs", "prediction"))
    kept["scale"] = [model.gradient_scale.cpu().numpy()]
    return kept


def make_moment(
    seen: dict[str, list[Float[np.ndarray, "..."]]], watched: ProbeSet, step: int, epoch: int, gradients: Float[np.ndarray, " component"]
) -> Moment:
    """Return the moment that a walk has seen."""
    longest = int(watched.length.max())
    gate = seen["gate"][0] if seen["gate"] else np.full((len(watched.windows), longest, 1), np.nan, np.float32)
    real = np.arange(longest) < watched.length[:, None]
    return Moment(
        step,
        epoch,
        _attention(seen["attention"], watched),
        _in_cells(np.where(real, gate.mean(-1), np.nan), watched.cell),
        _shares(gate[real]),
        np.concatenate(seen["ensemble_head_outputs"]),
        np.concatenate(seen["prediction"]),
        gradients,
        float(seen["scale"][0][0]),
    )


def _attention(
    layers: list[Float[np.ndarray, "window head query key"]], watched: ProbeSet
) -> Float[np.ndarray, "window layer head query_cell key_cell"]:
    """Return the maps in cells: summed over the keys of a cell, averaged over its real queries."""
    longest, cell = int(watched.length.max()), watched.cell
    cells = -(-longest // cell)
    if not layers:
        return np.zeros((len(watched.windows), 0, 0, cells, cells), dtype=np.float16)
    maps = np.stack(layers, axis=1)
    room = cells * cell - longest
    maps = np.pad(maps, [(0, 0)] * 3 + [(0, room)] * 2).reshape(*maps.shape[:3], cells, cell, cells, cell)
    real = np.minimum(np.maximum(watched.length[:, None] - cell * np.arange(cells), 1), cell)  # queries of each cell
    return (maps.sum(axis=(4, 6)) / real[:, None, None, :, None]).astype(np.float16)


def _in_cells(values: Float[np.ndarray, "window time"], cell: int) -> Float[np.ndarray, "window cell"]:
    """Return the mean over each cell's real steps, NaN where it has none."""
    room = -values.shape[1] % cell
    grouped = np.pad(values, [(0, 0), (0, room)], constant_values=np.nan).reshape(len(values), -1, cell)
    counts = (~np.isnan(grouped)).sum(axis=-1)
    return np.where(counts > 0, np.nansum(grouped, axis=-1) / np.maximum(counts, 1), np.nan).astype(np.float32)


def _shares(gate: Float[np.ndarray, "real channel"]) -> Float[np.ndarray, " bin"]:
    found = gate[~np.isnan(gate)]
    return np.histogram(found, bins=BINS, range=(0, 1))[0].astype(np.float32) / max(found.size, 1)


def _evenly(count: int, wanted: int) -> Int[np.ndarray, " place"]:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def _last_norms(trainer: lightning.Trainer) -> dict[str, float]:
    """Return the gradients' norms at the last step, which the watch over them has measured anyway."""
    watches = [one for one in trainer.callbacks if isinstance(one, GradientWatch)]  # type: ignore[attr-defined]  # set at run time
    return watches[0].before if watches else {}
