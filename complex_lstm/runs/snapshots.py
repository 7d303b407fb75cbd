"""Snapshots: what a run records of the inside of its model while it learns, to show how attention, gate and ensemble heads develop.

On disk they lie in the folder `moments`, in which `watched.npz` is the probe set: the names of version 0.1, which stay so that
runs, zips and older installations can read each other's files.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.runs.atomic_files import atomic_path
from complex_lstm.settings import stored_name

SNAPSHOTS, PROBE_SET = "moments", "watched.npz"
CELLS = 64  # steps of a window that a map is drawn of; longer windows are shown in cells of several steps

T = TypeVar("T")


@dataclass(frozen=True)
class ProbeSet:
    """The windows that every snapshot of a run is taken of.

    part        which part they belong to: validation, or training where there is no validation part
    windows     those of which attention and gate are recorded; `length` counts their steps
    evaluated   those of which the outputs are recorded, evenly spread over the same part
    truth       the targets of the evaluated ones: class numbers, or scaled values (evaluated, output)
    cell        steps that share a cell of the maps
    components  names of the model's components, in the order of the gradients
    """

    part: str
    windows: Int[np.ndarray, " window"]
    length: Int[np.ndarray, " window"]
    evaluated: Int[np.ndarray, " evaluated"] = field(metadata={"stored_as": "judged"})
    truth: Shaped[np.ndarray, " evaluated *output"]
    cell: int
    components: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """The model after `step` optimizer steps, in evaluation mode: no dropout, running statistics.

    A part that is not yet trained with has no layers, or NaN. Of several steps in a cell, attention is summed over the keys
    and averaged over the queries, so that a row still sums to 1; the gate is averaged.

    gate                   mean over the channels, of each cell; NaN after a window's end
    gate_shares            histogram of the gate's values over all channels and real steps, in equal bins from 0 to 1
    ensemble_head_outputs  outputs of each ensemble head
    gradients              norm in each component at the step before, unclipped; NaN before the first step
    scale                  the learned scale of the output
    """

    step: int
    epoch: int
    attention: Float[np.ndarray, "window layer head query key"]
    gate: Float[np.ndarray, "window time"]
    gate_shares: Float[np.ndarray, " bin"]
    ensemble_head_outputs: Float[np.ndarray, "evaluated ensemble_head output"] = field(metadata={"stored_as": "head_outputs"})
    outputs: Float[np.ndarray, "evaluated output"]
    gradients: Float[np.ndarray, " component"]
    scale: float

    @property
    def is_finite(self) -> bool:
        """Whether anything can be computed from it: the attention and the outputs of a diverged model are NaN.

        The gate is not looked at: its NaN may mark a window's end, and a NaN gate makes everything after it NaN as well.
        """
        return all(bool(np.isfinite(each).all()) for each in (self.attention, self.ensemble_head_outputs, self.outputs, self.scale))


def write_probe_set(folder: Path, probes: ProbeSet) -> None:
    """Write which windows the snapshots of a run are taken of.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    (folder / SNAPSHOTS).mkdir(exist_ok=True)
    _write(folder / SNAPSHOTS / PROBE_SET, probes)


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write one snapshot of a run.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    _write(folder / SNAPSHOTS / f"{snapshot.step:09d}.npz", snapshot)


def read_probe_set(folder: Path) -> ProbeSet | None:
    """Return which windows the snapshots of a run are taken of, None where it has no snapshots."""
    return _read(folder / SNAPSHOTS / PROBE_SET, ProbeSet)


def kept_steps(folder: Path) -> tuple[int, ...]:
    """Return the steps of the snapshots of a run so far, in order."""
    return tuple(sorted(int(path.stem) for path in (folder / SNAPSHOTS).glob("*.npz") if path.stem.isdigit()))


def read_snapshots(folder: Path) -> tuple[Snapshot, ...]:
    """Return the snapshots of a run so far, in order; one that cannot be read is left out."""
    found = [_read(folder / SNAPSHOTS / f"{step:09d}.npz", Snapshot) for step in kept_steps(folder)]
    return tuple(one for one in found if one is not None)


def delete_snapshots_after(folder: Path, step: int) -> None:
    """Delete the snapshots after a step: a run that resumes there takes them again."""
    for later in kept_steps(folder):
        if later > step:
            (folder / SNAPSHOTS / f"{later:09d}.npz").unlink(missing_ok=True)


def _write(path: Path, value: ProbeSet | Snapshot) -> None:
    with atomic_path(path) as fresh, fresh.open("wb") as file:
        arrays: dict[str, Any] = {stored_name(one): np.asarray(getattr(value, one.name)) for one in fields(value)}
        np.savez_compressed(file, **arrays)


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:  # np.load leaves a damaged file open
            return kind(**{one.name: _plain(stored[stored_name(one)]) for one in fields(kind)})  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _plain(value: np.ndarray) -> Any:
    """Return numbers and texts as such, a list of texts as a tuple, and other arrays as they are."""
    if value.ndim == 0:
        return value.item()
    return tuple(value.tolist()) if value.dtype.kind == "U" else value
