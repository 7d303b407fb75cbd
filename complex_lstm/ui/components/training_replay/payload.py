"""What is played, and how it travels: a header, the gate and the series as float32, then all maps as float16, as a run keeps them.

The moment that the visitor looks at, and how the browser reports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float16, Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, PALETTE, QUERY, SEQUENTIAL, STAGE_1
from complex_lstm.ui.components.shared import Agreement, Report, message, packed_palette, token_of


@dataclass(frozen=True)
class MomentView:
    """What the visitor looks at: the moment at this step of the optimizer."""

    step: int

    def within(self, steps: Sequence[int]) -> MomentView:
        """Return the view of the nearest moment that there is: a run that goes on again may have lost some."""
        return self if self.step in steps else MomentView(min(steps, key=lambda one: abs(one - self.step)))


def read_report(state: Mapping[str, Any] | None) -> Report[MomentView] | None:
    """Return the report in the component's state, or None before the visitor's first move."""
    told = None if state is None else state.get("view")
    return None if told is None else Report(view=MomentView(told["step"]), stamp=told["stamp"])


@dataclass(frozen=True)
class Film:
    """One window and layer at every moment of a run.

    `attention` is NaN at moments at which the layer is not in yet, and so is `gate`, its mean over the channels.
    A cell of the maps covers `cell` steps of the window.
    """

    attention: Float16[np.ndarray, "moment head query key"]
    gate: Float32[np.ndarray, "moment cell"]
    steps: tuple[int, ...]
    epochs: tuple[int, ...]
    cell: int
    layer: int

    def __post_init__(self) -> None:
        shape, moments = self.attention.shape, len(self.steps)
        if len(shape) != 4 or shape[2] != shape[3] or 0 in shape:
            raise ShapeError(f"The attention has shape {shape}, expected (moment, head, query, key) with as many queries as keys.")
        for name, found, expected in (
            ("attention", shape[:1], (moments,)),
            ("epochs", (len(self.epochs),), (moments,)),
            ("gate", self.gate.shape, (moments, shape[3])),
        ):
            if found != expected:
                raise ShapeError(f"The shape of the {name} is {found}, expected {expected}: {moments} moments of {shape[3]} cells.")


@dataclass(frozen=True)
class Scenery:
    """What stands below the maps: the window's series as the model sees it, without a feature where it is not known, and its times."""

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
    scenery: Scenery

    def __post_init__(self) -> None:
        cells, steps = self.film.attention.shape[3], len(self.scenery.times)
        if cells != -(-steps // self.film.cell):
            raise ShapeError(f"The maps have {cells} cells of {self.film.cell} steps, which does not fit a window of {steps} steps.")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays in the order in which they travel."""
        return self.film.gate, self.scenery.series, self.film.attention

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded again."""
        film, scenery = self.film, self.scenery
        return token_of([film.attention.shape, film.steps, film.epochs, film.cell, film.layer, scenery.names, scenery.times], self.arrays)


def encode(content: Content, *, agreement: Agreement[MomentView], file_name: str) -> bytes:
    """Return the message to the browser."""
    return message(_header(content, agreement, file_name), content.arrays)


def _header(content: Content, agreement: Agreement[MomentView], file_name: str) -> dict[str, Any]:
    film, scenery = content.film, content.scenery
    _, heads, cells, _ = film.attention.shape
    return {
        "token": content.token,
        "heads": heads,
        "cells": cells,
        "cell": film.cell,
        "layer": film.layer,
        "steps": film.steps,
        "epochs": film.epochs,
        "isIn": np.isfinite(film.attention[:, 0, 0, 0]).tolist(),
        "names": scenery.names,
        "times": scenery.times,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _palette(),
        "lines": PALETTE,
        "colours": {"query": QUERY, "key": KEY, "gate": STAGE_1},
        "file": file_name,
    }


@cache
def _palette() -> tuple[int, ...]:
    return packed_palette(SEQUENTIAL)
