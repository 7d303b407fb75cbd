"""Snapshots: what a run records of the inside of its model while it learns, to show how attention, gate and ensemble heads develop.

On disk they lie in the folder `moments`, in which `watched.npz` is the probe set: the names of version 0.1, which stay so that
runs, zips and older installations can read each other's files.
"""

from __future__ import annotations

import io
import math
import tokenize
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.disk import read_bounded
from complex_lstm.runs.atomic_files import atomic_path
from complex_lstm.settings import stored_name
from complex_lstm.zips import ZIP_ERRORS, TooLargeError, open_zip

SNAPSHOTS, PROBE_SET = "moments", "watched.npz"
MOST_BYTES = 2**26  # of one file, also unpacked
INTEGERS, FLOATS = (np.int8, np.int16, np.int32, np.int64), (np.float16, np.float32, np.float64)  # of arrays, in this machine's order
CELLS = 64  # steps of a window that a map is drawn of; longer windows are shown in cells of several steps


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
    """Return which windows the snapshots of a run are taken of, None where it has no snapshots, or they make no sense."""
    found = _read(folder / SNAPSHOTS / PROBE_SET, ProbeSet)
    return ProbeSet(**vars(found)) if found is not None and _is_sound(found) else None


def kept_steps(folder: Path) -> tuple[int, ...]:
    """Return the steps of the snapshots of a run so far, in order."""
    return tuple(sorted(int(path.stem) for path in (folder / SNAPSHOTS).glob("*.npz") if path.stem.isdigit()))


def read_snapshots(folder: Path) -> tuple[Snapshot, ...]:
    """Return the snapshots of a run so far, in order; one that cannot be read, or is of other windows or sizes, is left out."""
    probes = read_probe_set(folder)
    if probes is None:
        return ()
    read = [(step, _read(folder / SNAPSHOTS / f"{step:09d}.npz", Snapshot)) for step in kept_steps(folder)]
    found = [Snapshot(**vars(one)) for step, one in read if one is not None and _fits(one, step, probes)]
    return tuple(one for one in found if _sizes(one, found[-1]) == _sizes(found[-1], one))


def delete_snapshots_after(folder: Path, step: int) -> None:
    """Delete the snapshots after a step: a run that resumes there takes them again."""
    for later in kept_steps(folder):
        if later > step:
            (folder / SNAPSHOTS / f"{later:09d}.npz").unlink(missing_ok=True)


def _write(path: Path, value: ProbeSet | Snapshot) -> None:
    with atomic_path(path) as fresh, fresh.open("wb") as file:
        arrays: dict[str, Any] = {stored_name(one): np.asarray(getattr(value, one.name)) for one in fields(value)}
        np.savez_compressed(file, **arrays)


def _read(path: Path, kind: type[ProbeSet | Snapshot]) -> SimpleNamespace | None:
    """Return what a file holds, None where it is damaged, or claims more than it has: arrays are only made as large as their bytes are."""
    try:
        content = read_bounded(path, MOST_BYTES)
        with open_zip(io.BytesIO(content), entries=64, expanded=MOST_BYTES, ratio=math.inf) as archive:
            arrays = {name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()}
        return SimpleNamespace(**{one.name: _plain(arrays[stored_name(one)]) for one in fields(kind)})
    except (*ZIP_ERRORS, KeyError, TooLargeError):
        return None


def _array(content: bytes) -> np.ndarray:
    """Return the array in an .npy file.

    Raises:
        ValueError: it is none, holds objects, or claims another number of bytes than it has.
    """
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        shape, in_columns, kind = read(stream)
    except (tokenize.TokenError, SyntaxError, TypeError, RecursionError, MemoryError) as error:  # the header is Python's syntax
        raise ValueError("its header is none") from error
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(content) - stream.tell():
        raise ValueError(f"{shape} of {kind} is not what follows")
    return np.frombuffer(content, kind, offset=stream.tell()).reshape(shape, order="F" if in_columns else "C").copy()


def _is_sound(probes: SimpleNamespace) -> bool:
    """Return whether the values of a probe set have the types and sizes that everything computes with."""
    windows, length, evaluated, truth = (np.asarray(one) for one in (probes.windows, probes.length, probes.evaluated, probes.truth))
    is_counted = all(one.ndim == 1 and one.dtype in INTEGERS and len(one) and one.min() >= 0 for one in (windows, length, evaluated))
    is_named = isinstance(probes.components, tuple) and all(isinstance(one, str) for one in (probes.part, *probes.components))
    if not is_counted or not is_named or type(probes.cell) is not int or probes.cell < 1:
        return False
    is_truth = truth.ndim in (1, 2) and truth.dtype in (*INTEGERS, *FLOATS) and len(truth) == len(evaluated)
    return is_truth and len(length) == len(windows) and int(length.min()) >= 1 and int(length.max()) <= CELLS * probes.cell


def _fits(one: SimpleNamespace, step: int, probes: ProbeSet) -> bool:
    """Return whether a snapshot is of this step and of these windows."""
    arrays = (one.attention, one.gate, one.gate_shares, one.ensemble_head_outputs, one.outputs, one.gradients)
    if not all(isinstance(each, np.ndarray) and each.dtype in FLOATS for each in arrays):
        return False
    if type(one.step) is not int or one.step != step:
        return False
    if type(one.epoch) is not int or one.epoch < 0 or not isinstance(one.scale, float) or (one.outputs.ndim, one.attention.ndim) != (2, 5):
        return False
    windows, evaluated, outputs = len(probes.windows), len(probes.evaluated), one.outputs.shape[1]
    cells = -(-int(probes.length.max()) // probes.cell)
    is_scored = probes.truth.shape == one.outputs.shape if probes.truth.ndim == 2 else outputs > 0 and int(probes.truth.max()) < outputs
    return is_scored and (
        (one.attention.shape[0], *one.attention.shape[3:]) == (windows, cells, cells)
        and one.gate.shape == (windows, cells)
        and one.gate_shares.ndim == 1
        and one.outputs.shape == (evaluated, outputs)
        and one.ensemble_head_outputs.ndim == 3
        and (one.ensemble_head_outputs.shape[0], one.ensemble_head_outputs.shape[2]) == (evaluated, outputs)
        and one.gradients.shape == (len(probes.components),)
    )


def _sizes(one: Snapshot, other: Snapshot) -> tuple[int, ...]:
    """Return what two snapshots of a model share; attention heads count only where both have a layer."""
    heads = one.attention.shape[2] if one.attention.shape[1] and other.attention.shape[1] else 0
    return heads, len(one.gate_shares), *one.ensemble_head_outputs.shape


def _plain(value: np.ndarray) -> Any:
    """Return numbers and texts as such, a list of texts as a tuple, and other arrays as they are."""
    if value.ndim == 0:
        return value.item()
    return tuple(value.tolist()) if value.dtype.kind == "U" else value
