"""The data of the attention map, its message to the browser, and the browser's report of the view.

The message is a header, then the weights, the rollout and the series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import KEY, QUERY, SEQUENTIAL
from complex_lstm.ui.components.shared import Agreement, ViewReport, message, packed_palette, token_of

_PALETTE = packed_palette(SEQUENTIAL)
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
        """Return the arrays in the order of the message."""
        return self.attention, self.rollout, self.series

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded or painted again."""
        return token_of([self.attention.shape, self.series_names, self.times], self.arrays)


def encode(content: Content, *, agreement: Agreement[AttentionView], file_name: str) -> bytes:
    """Return the message to the browser."""
    layers, heads, steps, _ = content.attention.shape
    header = {
        "token": content.token,
        "layers": layers,
        "heads": heads,
        "steps": steps,
        "names": content.series_names,
        "times": content.times,
        "order": {"number": agreement.number, "view": agreement.order},
        "palette": _PALETTE,
        "colours": {"query": QUERY, "key": KEY},
        "file": file_name,
    }
    return message(header, content.arrays)
