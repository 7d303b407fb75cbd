"""The data of the attention map, its message to the browser, and the browser's report of the view.

The message is a header, then the series, then the maps: as float32 where all weights are sent, else as bytes. Bytes alone would
lose every weight below 1/255 of the largest, so the browser asks for the exact weights where the visitor points (`tiles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, UInt8

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, QUERY, SEQUENTIAL
from complex_lstm.ui.components.shared import Agreement, ViewReport, float32, message, packed_palette, token_of

_PALETTE = packed_palette(SEQUENTIAL)
MOST_EXACT_BYTES = 2**22  # of the weights of all heads: about 256 steps of 2 layers of 8 heads
MOST_SERIES_VALUES = 2**18  # one MB
SERIES_PARTS = 1024  # of each the smallest and the largest value are sent
TILE = 256  # steps
TINY = 1e-30  # a silenced head is zero everywhere
AttentionMap = Literal["head", "average", "rollout"]


@dataclass(frozen=True)
class AttentionPin:
    """One pinned cell of the map: the query step, which attends, and the key step, which is attended to."""

    query: int
    key: int


@dataclass(frozen=True)
class AttentionView:
    """What the visitor looks at. Indices count from 0; `head` is an attention head.

    `map` says what the large map shows: that head, the average over the layer's heads, or the rollout through all
    layers. Layer and head keep their values while another map is shown, so that the visitor returns to the same head.
    """

    layer: int = 0
    head: int = 0
    map: AttentionMap = "head"
    feature: int = 0
    pin: AttentionPin | None = None

    def within(self, *, layers: int, heads: int, steps: int, features: int) -> AttentionView:
        """Return the nearest view that exists at these sizes; a pin outside them is dropped.

        A view may come from a link or from another window, so a view that does not exist here is no error.
        """
        pinned = self.pin is not None and 0 <= self.pin.query < steps and 0 <= self.pin.key < steps
        return replace(
            self,
            layer=_nearest(self.layer, layers),
            head=_nearest(self.head, heads),
            feature=_nearest(self.feature, features),
            pin=self.pin if pinned else None,
        )


def _nearest(index: int, count: int) -> int:
    return min(max(index, 0), count - 1)


def read_report(state: Mapping[str, Any] | None) -> ViewReport[AttentionView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    reported = None if state is None else state.get("view")
    if reported is None:
        return None
    pin = None if reported["pin"] is None else AttentionPin(query=reported["pin"]["query"], key=reported["pin"]["key"])
    view = AttentionView(layer=reported["layer"], head=reported["head"], map=reported["map"], feature=reported["feature"], pin=pin)
    return ViewReport(view=view, stamp=reported["stamp"])


@dataclass(frozen=True)
class Content:
    """What is drawn: the maps of the attention heads, and the series and times that stand along both axes.

    attention  the weights of every head, or of a long window the largest weight of each square of `square` x `square` of them
    averages   the same of the average over each layer's heads
    rollout    the same of the rollout through all layers; None where it is not computed
    """

    attention: Float32[np.ndarray, "layer head square square"]
    averages: Float32[np.ndarray, "layer square square"]
    rollout: Float32[np.ndarray, "square square"] | None
    series: Float32[np.ndarray, "time feature"]
    series_names: tuple[str, ...]
    times: tuple[str, ...]
    square: int = 1

    def __post_init__(self) -> None:
        shape = self.attention.shape
        if len(shape) != 4 or shape[2] != shape[3] or 0 in shape:
            raise ShapeError(f"The attention has shape {shape}, expected (layer, head, query, key) with as many queries as keys.")
        steps, features = len(self.times), len(self.series_names)
        if features == 0:
            raise ShapeError("There is no series name, expected one or more: a series stands along the axes of the map.")
        side = -(-steps // self.square)
        rollout = (side, side) if self.rollout is None else self.rollout.shape
        for name, found, expected in (
            ("attention", shape[2:], (side, side)),
            ("averages", self.averages.shape, (shape[0], side, side)),
            ("rollout", rollout, (side, side)),
            ("series", self.series.shape, (steps, features)),
        ):
            if found != expected:
                raise ShapeError(f"The {name} has shape {found}, expected {expected}: {steps} steps and {features} series names.")

    @property
    def maps(self) -> Float32[np.ndarray, "map square square"]:
        """All maps: the heads of layer after layer, the averages of the layers, and the rollout where it is computed."""
        side = self.attention.shape[-1]
        rollout = np.zeros((0, side, side), np.float32) if self.rollout is None else self.rollout[None]
        return np.concatenate([self.attention.reshape(-1, side, side), self.averages, rollout])

    @property
    def is_exact(self) -> bool:
        """Whether the browser gets the weights themselves; else each map as bytes, and exact weights where the visitor points."""
        return self.square == 1 and 4 * self.attention[:, :, 0, 0].size * self.attention.shape[-1] ** 2 <= MOST_EXACT_BYTES

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded or painted again."""
        return token_of([self.attention.shape, self.square, self.series_names, self.times], (self.attention, self.averages, self.series))


def as_bytes(maps: Float32[np.ndarray, "map square square"]) -> UInt8[np.ndarray, "map square square"]:
    """Return each map in bytes of 255ths of its own largest value, rounded."""
    tops = maps.max(axis=(1, 2), keepdims=True)
    return np.rint(maps * (255 / np.maximum(tops, TINY))).astype(np.uint8)


def thinned_series(series: Float32[np.ndarray, "time feature"]) -> Float32[np.ndarray, "point feature"]:
    """Return the series as it is, or of a long or wide one the smallest and the largest value of so many steps each, in turn.

    A strip along the map has 540 pixels; NaN stands where a feature has no value in all of these steps.
    """
    if series.size <= MOST_SERIES_VALUES:
        return float32(series)
    parts = max(1, min(SERIES_PARTS, MOST_SERIES_VALUES // (2 * series.shape[1])))
    edges = np.linspace(0, len(series), min(parts, len(series)) + 1).astype(int)[:-1]
    low, high = np.fmin.reduceat(series, edges, axis=0), np.fmax.reduceat(series, edges, axis=0)
    return float32(np.stack([low, high], axis=1).reshape(-1, series.shape[1]))


def encode(content: Content, *, agreement: Agreement[AttentionView], file_name: str) -> bytes:
    """Return the message to the browser: at most about 6 MB, however many steps, heads and features there are."""
    layers, heads, side, _ = content.attention.shape
    maps, series = content.maps, thinned_series(content.series)
    header = {
        "token": content.token,
        "layers": layers,
        "heads": heads,
        "steps": len(content.times),
        "side": side,
        "square": content.square,
        "tile": tile_side(content.square),
        "isExact": content.is_exact,
        "tops": maps.max(axis=(1, 2)).tolist(),
        "hasRollout": content.rollout is not None,
        "seriesPoints": len(series),
        "names": content.series_names,
        "times": content.times,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _PALETTE,
        "colours": {"query": QUERY, "key": KEY},
        "file": file_name,
    }
    return message(header, (series, float32(maps) if content.is_exact else as_bytes(maps)))


def tile_side(square: int) -> int:
    """Return how many steps a tile of exact weights has on each side: about 256, whole squares of them."""
    return square * max(1, TILE // square)
