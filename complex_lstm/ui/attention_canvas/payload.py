"""What is drawn, and how it travels: a header, then the weights, the rollout and the series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, QUERY, SEQUENTIAL
from complex_lstm.ui.attention_canvas.view import AttentionView
from complex_lstm.ui.canvas import Agreement, message, packed_palette, token_of


@dataclass(frozen=True)
class Content:
    """What is drawn: the weights, the rollout, and the series and times that stand along both axes."""

    attention: Float32[np.ndarray, "layer head query key"]
    rollout: Float32[np.ndarray, "query key"]
    series: Float32[np.ndarray, "time feature"]
    series_names: tuple[str, ...]
    times: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = self.attention.shape
        if len(shape) != 4 or shape[2] != shape[3] or 0 in shape:
            raise ShapeError(f"The attention has shape {shape}, expected (layer, head, query, key) with as many queries as keys.")
        steps, features = shape[3], len(self.series_names)
        if features == 0:
            raise ShapeError("There is no series name, expected one or more: a series stands along the axes of the map.")
        for name, found, expected in (
            ("rollout", self.rollout.shape, (steps, steps)),
            ("series", self.series.shape, (steps, features)),
            ("times", (len(self.times),), (steps,)),
        ):
            if found != expected:
                raise ShapeError(f"The {name} has shape {found}, expected {expected}: {steps} steps and {features} series names.")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the arrays in the order in which they travel."""
        return self.attention, self.rollout, self.series

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded or painted again."""
        return token_of([self.attention.shape, self.series_names, self.times], self.arrays)


def encode(content: Content, *, agreement: Agreement[AttentionView], file_name: str) -> bytes:
    """Return the message to the browser."""
    return message(_header(content, agreement, file_name), content.arrays)


def _header(content: Content, agreement: Agreement[AttentionView], file_name: str) -> dict[str, Any]:
    layers, heads, steps, _ = content.attention.shape
    return {
        "token": content.token,
        "layers": layers,
        "heads": heads,
        "steps": steps,
        "names": content.series_names,
        "times": content.times,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _palette(),
        "colours": {"query": QUERY, "key": KEY},
        "file": file_name,
    }


@cache
def _palette() -> tuple[int, ...]:
    return packed_palette(SEQUENTIAL)
