"""The bytes that the browser gets: a length, a JSON header, then float32 values in the order that the header states.

float32 throughout, so that the browser can show the exact weight. uint8 would load in 60% of the time at 1024 steps,
and lose every weight below 1/255 of the largest.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float32
from plotly.colors import sample_colorscale

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, QUERY, SEQUENTIAL
from complex_lstm.ui.attention_canvas.view import Agreement


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
        labels = json.dumps([self.attention.shape, self.series_names, self.times])
        digest = hashlib.sha256(labels.encode())
        for array in self.arrays:
            digest.update(array.data)
        return digest.hexdigest()[:16]


def float32(array: np.ndarray) -> np.ndarray:
    """Return the array as the browser reads it: little-endian, row after row, without a copy where it already is."""
    return np.ascontiguousarray(array, dtype="<f4")


def encode(content: Content, *, agreement: Agreement, file_name: str) -> bytes:
    """Return the message to the browser."""
    header = json.dumps(_header(content, agreement, file_name), default=vars).encode()
    header += b" " * (-len(header) % 4)  # a Float32Array can only start at a multiple of 4
    return b"".join((struct.pack("<I", len(header)), header, *(array.data for array in content.arrays)))


def _header(content: Content, agreement: Agreement, file_name: str) -> dict[str, Any]:
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
    """Return 256 colours as 768 numbers from 0 to 255: red, green, blue, red, ..."""
    colours = sample_colorscale(SEQUENTIAL, np.linspace(0, 1, 256).tolist(), colortype="tuple")
    return tuple(round(255 * part) for colour in colours for part in colour)
