"""The data of the attribution maps, their message to the browser, and the browser's report of the pinned cell.

The message is a header, then the cells of every method, the series and the true cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import PALETTE, SIGNED
from complex_lstm.ui.components.shared import Agreement, ViewReport, message, packed_palette, token_of

_PALETTE = packed_palette(SIGNED)


@dataclass(frozen=True)
class CellPin:
    """One pinned cell, marked in every map: a step and a feature, both counted from 0."""

    step: int
    feature: int


@dataclass(frozen=True)
class ImportanceView:
    """What the visitor looks at. `window` is the token of the window that the pin belongs to."""

    window: str
    pin: CellPin | None = None

    def within(self, window: str) -> ImportanceView:
        """Return the view of a window: this one, or another without a pin."""
        return self if self.window == window else ImportanceView(window)


def read_report(state: Mapping[str, Any] | None) -> ViewReport[ImportanceView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    reported = None if state is None else state.get("view")
    if reported is None:
        return None
    pin = None if reported["pin"] is None else CellPin(step=reported["pin"]["step"], feature=reported["pin"]["feature"])
    return ViewReport(view=ImportanceView(reported["window"], pin), stamp=reported["stamp"])


@dataclass(frozen=True)
class Window:
    """The explained window: its series in the file's units and as the model sees them, with their names and times.

    `truth` is 1 where a cell is known to decide the output, and has no step where that is not known.
    """

    series: Float32[np.ndarray, "time feature"]
    scaled: Float32[np.ndarray, "time feature"]
    truth: Float32[np.ndarray, "known_time feature"]
    features: tuple[str, ...]
    units: tuple[str, ...]
    times: tuple[str, ...]

    def __post_init__(self) -> None:
        steps, features = len(self.times), len(self.features)
        if steps == 0 or features == 0:
            raise ShapeError(f"The window has {steps} times and {features} features, expected one or more of each.")
        whole = (steps, features)
        for name, found, expected in (
            ("series", self.series.shape, whole),
            ("scaled series", self.scaled.shape, whole),
            ("units", (len(self.units),), (features,)),
            ("truth", self.truth.shape, whole if len(self.truth) else (0, features)),
        ):
            if found != expected:
                raise ShapeError(f"The shape of the {name} is {found}, expected {expected}: {steps} times and {features} features.")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays in the order of the message."""
        return self.series, self.scaled, self.truth

    @property
    def token(self) -> str:
        """Return a hash of the window, whichever methods explain it: cursor and pin stay while it is the same."""
        return token_of([self.features, self.units, self.times, len(self.truth)], self.arrays)


@dataclass(frozen=True)
class Content:
    """What is drawn: every method's cells over one window, and how their colours are to be read."""

    cells: Float32[np.ndarray, "method time feature"]
    window: Window
    methods: tuple[str, ...]
    unsigned: tuple[bool, ...]
    unit: str
    own_range: bool

    def __post_init__(self) -> None:
        methods, whole = len(self.methods), (len(self.methods), *self.window.series.shape)
        if methods == 0:
            raise ShapeError("There is no method, expected one or more: each has a map of its own.")
        if len(self.unsigned) != methods:
            raise ShapeError(f"There are {len(self.unsigned)} marks of methods without a sign, expected {methods}: one a method.")
        if self.cells.shape != whole:
            raise ShapeError(f"The cells have shape {self.cells.shape}, expected {whole}: (method, time, feature).")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays in the order of the message."""
        return self.cells, *self.window.arrays

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded again."""
        return token_of([self.window.token, self.methods, self.unsigned, self.unit, self.own_range], [self.cells])


def encode(content: Content, *, agreement: Agreement[ImportanceView], file_name: str) -> bytes:
    """Return the message to the browser."""
    window = content.window
    header = {
        "token": content.token,
        "window": window.token,
        "methods": content.methods,
        "unsigned": content.unsigned,
        "unit": content.unit,
        "features": window.features,
        "units": window.units,
        "times": window.times,
        "isTruthKnown": len(window.truth) > 0,
        "isOwnRange": content.own_range,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _PALETTE,
        "lines": PALETTE,
        "file": file_name,
    }
    return message(header, content.arrays)
