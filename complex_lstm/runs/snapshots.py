"""What a run keeps of the inside of its model at chosen moments: how attention, gate and ensemble heads came to be what they are."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.runs.atomic_files import atomic_path

MOMENTS, WATCHED = "moments", "watched.npz"
CELLS = 64  # steps of a window that a map is drawn of; longer windows are shown in cells of several steps

T = TypeVar("T")


@dataclass(frozen=True)
class ProbeSet:
    """Which windows a run looks at, the same at every moment.

    part        what they are of: validation, or training where there is no validation part
    windows     those of which attention and gate are kept; `length` counts their steps
    judged      those of which the outputs are kept, the same part evenly thinned
    truth       what is to be said of the judged ones: class numbers, or scaled values (judged, output)
    cell        steps that share a cell of the maps
    components  names of the model's components, in the order of the gradients
    """

    part: str
    windows: Int[np.ndarray, " window"]
    length: Int[np.ndarray, " window"]
    judged: Int[np.ndarray, " judged"]
    truth: Shaped[np.ndarray, "judged *output"]
    cell: int
    components: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """The model after `step` steps of the optimizer, evaluated: no dropout, running statistics.

    A part that the training has not yet put in has no layers, or NaN. Of several steps in a cell, attention is summed
    over the keys and averaged over the queries, so that a row still sums to 1; the gate is averaged.

    gate             mean over the channels, of each cell; NaN after a window's end
    gate_shares      how the gate's values of all channels and real steps share out over as many equal bins from 0 to 1
    ensemble_head_outputs     of the ensemble heads
    gradients        norm in each component at the last step before, unclipped; NaN before the first
    scale            the learned scale on the output
    """

    step: int
    epoch: int
    attention: Float[np.ndarray, "window layer head query key"]
    gate: Float[np.ndarray, "window time"]
    gate_shares: Float[np.ndarray, " bin"]
    ensemble_head_outputs: Float[np.ndarray, "judged ensemble_head output"]
    outputs: Float[np.ndarray, "judged output"]
    gradients: Float[np.ndarray, " component"]
    scale: float

    @property
    def is_finite(self) -> bool:
        """Whether something can be worked out of it: a model that has diverged attends and says NaN.

        The gate is not asked: its NaN may be a window's end, and a broken one breaks what comes after it.
        """
        return all(bool(np.isfinite(each).all()) for each in (self.attention, self.ensemble_head_outputs, self.outputs, self.scale))


def write_watched(folder: Path, watched: ProbeSet) -> None:
    """Write which windows a run looks at.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    (folder / MOMENTS).mkdir(exist_ok=True)
    _write(folder / MOMENTS / WATCHED, watched)


def write_moment(folder: Path, moment: Moment) -> None:
    """Write one moment of a run.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    _write(folder / MOMENTS / f"{moment.step:09d}.npz", moment)


def read_watched(folder: Path) -> ProbeSet | None:
    """Return which windows a run looks at, None where it keeps no moments."""
    return _read(folder / MOMENTS / WATCHED, ProbeSet)


def kept_steps(folder: Path) -> tuple[int, ...]:
    """Return the steps whose moments a run has kept so far, in order."""
    return tuple(sorted(int(path.stem) for path in (folder / MOMENTS).glob("*.npz") if path.stem.isdigit()))


def read_moments(folder: Path) -> tuple[Moment, ...]:
    """Return the moments of a run so far, in order; one that cannot be read is left out."""
    found = [_read(folder / MOMENTS / f"{step:09d}.npz", Moment) for step in kept_steps(folder)]
    return tuple(one for one in found if one is not None)


def forget_after(folder: Path, step: int) -> None:
    """Delete the moments after a step: a run that goes on from there comes to them again."""
    for later in kept_steps(folder):
        if later > step:
            (folder / MOMENTS / f"{later:09d}.npz").unlink(missing_ok=True)


def _write(path: Path, value: ProbeSet | Moment) -> None:
    with atomic_path(path) as fresh, fresh.open("wb") as file:
        arrays: dict[str, Any] = {name: np.asarray(content) for name, content in vars(value).items()}
        np.savez_compressed(file, **arrays)


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:  # np.load leaves a damaged file open
            return kind(**{field.name: _plain(kept[field.name]) for field in fields(kind)})  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _plain(value: np.ndarray) -> Any:
    """Return numbers and texts as such, a list of texts as a tuple, and other arrays as they are."""
    if value.ndim == 0:
        return value.item()
    return tuple(value.tolist()) if value.dtype.kind == "U" else value
