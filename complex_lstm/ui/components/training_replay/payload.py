"""The data of the training replay, its message to the browser, and the browser's report of the snapshot that is shown.

The message is a header, the gate and the series as float32, then all maps as float16, as a run keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float16, Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, PALETTE, QUERY, SEQUENTIAL, STAGE_1
from complex_lstm.ui.components.shared import Agreement, ViewReport, message, packed_palette, token_of

_PALETTE = packed_palette(SEQUENTIAL)


@dataclass(frozen=True)
class SnapshotView:
    """What the visitor looks at: the snapshot at this step of the optimizer."""

    step: int

    def within(self, steps: Sequence[int]) -> SnapshotView:
        """Return the view of the nearest snapshot that exists: a resumed run may have lost some."""
        return self if self.step in steps else SnapshotView(min(steps, key=lambda one: abs(one - self.step)))


def read_report(state: Mapping[str, Any] | None) -> ViewReport[SnapshotView] | None:
    """Return the report in the component's state, or None before the visitor's first move."""
    reported = None if state is None else state.get("view")
    return None if reported is None else ViewReport(view=SnapshotView(reported["step"]), stamp=reported["stamp"])


@dataclass(frozen=True)
class Film:
    """One window and one attention layer at every snapshot of a run.

    `attention` is NaN at snapshots before the layer was added, and so is `gate`, the mean of the fusion gate over the channels.
    A cell of the maps covers `cell` steps of the window.
    """

    attention: Float16[np.ndarray, "snapshot head query key"]
    gate: Float32[np.ndarray, "snapshot cell"]
    steps: tuple[int, ...]
    epochs: tuple[int, ...]
    cell: int
    layer: int

    def __post_init__(self) -> None:
        shape, snapshots = self.attention.shape, len(self.steps)
        if len(shape) != 4 or shape[2] != shape[3] or 0 in shape:
            raise ShapeError(f"The attention has shape {shape}, expected (snapshot, head, query, key) with as many queries as keys.")
        for name, found, expected in (
            ("attention", shape[:1], (snapshots,)),
            ("epochs", (len(self.epochs),), (snapshots,)),
            ("gate", self.gate.shape, (snapshots, shape[3])),
        ):
            if found != expected:
                raise ShapeError(f"The shape of the {name} is {found}, expected {expected}: {snapshots} snapshots of {shape[3]} cells.")


@dataclass(frozen=True)
class WindowSeries:
    """The series drawn below the maps, as the model sees it, with its times. It has no feature where the data is not at hand."""

    series: Float32[np.ndarray, "time feature"]
    names: tuple[str, ...]
    times: tuple[str, ...]

    def __post_init__(self) -> None:
        whole = (len(self.times), len(self.names))
        if self.series.shape != whole:
            raise ShapeError(f"The series has shape {self.series.shape}, expected {whole}: {whole[0]} times and {whole[1]} names.")


@dataclass(frozen=True)
class Content:
    """All that is drawn."""

    film: Film
    window: WindowSeries

    def __post_init__(self) -> None:
        cells, steps = self.film.attention.shape[3], len(self.window.times)
        if cells != -(-steps // self.film.cell):
            raise ShapeError(f"The maps have {cells} cells of {self.film.cell} steps, which does not fit a window of {steps} steps.")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays in the order of the message."""
        return self.film.gate, self.window.series, self.film.attention

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded again."""
        film, window = self.film, self.window
        return token_of([film.attention.shape, film.steps, film.epochs, film.cell, film.layer, window.names, window.times], self.arrays)


def encode(content: Content, *, agreement: Agreement[SnapshotView], file_name: str) -> bytes:
    """Return the message to the browser."""
    film, window = content.film, content.window
    _, heads, cells, _ = film.attention.shape
    header = {
        "token": content.token,
        "heads": heads,
        "cells": cells,
        "cell": film.cell,
        "layer": film.layer,
        "steps": film.steps,
        "epochs": film.epochs,
        "isIn": np.isfinite(film.attention[:, 0, 0, 0]).tolist(),
        "names": window.names,
        "times": window.times,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _PALETTE,
        "lines": PALETTE,
        "colours": {"query": QUERY, "key": KEY, "gate": STAGE_1},
        "file": file_name,
    }
    return message(header, content.arrays)
