"""The data of the overview and their message to the browser.

The message is a header, then the arrays in the order of `Content.arrays`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import GATE, PALETTE, SEQUENTIAL, SIGNED
from complex_lstm.ui.components.shared import float32, message, packed_palette, token_of

Pane = Literal["importance", "prediction", "gate", "attention", "heads"]
PANES: tuple[Pane, ...] = ("importance", "prediction", "gate", "attention", "heads")

THUMBNAIL = 48  # cells along each side of an attention head's picture: a larger head shows the largest weight of each square
_PALETTES = {"signed": packed_palette(SIGNED), "sequential": packed_palette(SEQUENTIAL), "gate": packed_palette(GATE)}


@dataclass(frozen=True)
class Line:
    """One row of the prediction: a class with its probability, or a target with its value, and what is known beside it.

    `actual` and `last` (the target's last value in the window) are NaN where they are unknown; texts carry the unit.
    """

    name: str
    predicted: float
    actual: float
    last: float
    text: str
    note: str


@dataclass(frozen=True)
class Results:
    """What the model makes of one window.

    attention  softmax weights of every attention head, (layer, head, query, key), in thumbnails of at most 48 x 48 cells
    gate       mean over the channels of the fusion gate at each step: 1 takes convolution stage 1, 0 stage 2
    heads      what each ensemble head gives, (ensemble_head, output), in the model's own scale, and the combined output
    """

    prediction: tuple[Line, ...]
    attention: Float32[np.ndarray, "layer head square square"]
    gate: Float32[np.ndarray, " time"]
    heads: Float32[np.ndarray, "ensemble_head output"]
    combined: Float32[np.ndarray, " output"]

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.attention, self.gate, self.heads, self.combined


@dataclass(frozen=True)
class Content:
    """What the panes show of a window.

    series  the drawn features as the model sees them, (time, feature), each row on its own range
    values  the same in the file's units, NaN where a cell is empty
    tint    signed importance of each drawn cell, NaN while it is computed; `tint_name` says by which method and in what unit
    before  the results of another side that is compared with, commonly the same window as it was; else None
    sides   what the other side and this one are called beside their rows
    moments what is read at each step; without them its time and number
    explained which output the tint explains: it is drawn also where there are too many for all
    no_attention why no attention head is drawn, where none is

    Where one of two compared windows is shorter, the steps that it does not have are NaN.
    """

    features: tuple[str, ...]
    units: tuple[str, ...]
    hidden_features: int
    times: tuple[str, ...]
    outputs: tuple[str, ...]
    is_classes: bool
    series: Float32[np.ndarray, "time feature"]
    values: Float32[np.ndarray, "time feature"]
    tint: Float32[np.ndarray, "time feature"]
    tint_name: str
    tint_top: float
    now: Results
    score: tuple[str, ...] = ()
    before: Results | None = None
    before_series: Float32[np.ndarray, "time feature"] | None = None
    sides: tuple[str, str] = ("was", "now")
    moments: tuple[str, ...] = ()
    explained: int = 0
    no_attention: str = ""

    def __post_init__(self) -> None:
        whole = (len(self.times), len(self.features))
        earlier = () if self.before_series is None else (("series as it was", self.before_series),)
        for name, array in (("series", self.series), ("values", self.values), ("tint", self.tint), *earlier):
            if array.shape != whole or 0 in whole:
                raise ShapeError(f"The shape of the {name} is {array.shape}, expected {whole}: one or more (time, feature).")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        earlier = () if self.before is None else self.before.arrays
        drawn = () if self.before_series is None else (self.before_series,)
        return self.series, self.values, self.tint, *self.now.arrays, *earlier, *drawn


def thumbnails(attention: Float[np.ndarray, "layer head query key"]) -> Float32[np.ndarray, "layer head square square"]:
    """Return attention heads with at most 48 steps along each side; where there are more, the largest weight of each square."""
    time = attention.shape[-1]
    if time <= THUMBNAIL:
        return float32(attention)
    edges = np.linspace(0, time, THUMBNAIL + 1).astype(int)[:-1]
    return float32(np.maximum.reduceat(np.maximum.reduceat(attention, edges, axis=2), edges, axis=3))


def encode(content: Content, *, file_name: str) -> bytes:
    """Return the message to the browser."""
    header = {
        "features": content.features,
        "units": content.units,
        "hiddenFeatures": content.hidden_features,
        "times": content.times,
        "outputs": content.outputs,
        "isClasses": content.is_classes,
        "explained": content.explained,
        "noAttention": content.no_attention,
        "tintName": content.tint_name,
        "tintTop": content.tint_top,
        "score": content.score,
        "prediction": [_finite(line) for line in content.now.prediction],
        "before": None if content.before is None else [_finite(line) for line in content.before.prediction],
        "sides": content.sides,
        "moments": content.moments or [f"{time} (step {step})" for step, time in enumerate(content.times)],
        "hasEarlierSeries": content.before_series is not None,
        "shapes": {"attention": content.now.attention.shape, "heads": content.now.heads.shape},
        "palettes": _PALETTES,
        "lines": PALETTE,
        "file": file_name,
    }
    labels = [header[name] for name in ("features", "times", "tintName", "score", "prediction", "before", "sides", "moments", "explained")]
    return message(header | {"token": token_of(labels, content.arrays)}, content.arrays)


def _finite(line: Line) -> dict[str, object]:
    """Return a line as JSON takes it: null where a number is unknown."""
    return {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in vars(line).items()}
