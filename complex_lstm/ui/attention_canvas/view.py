"""What the visitor looks at, and how the browser reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from complex_lstm.ui.canvas import Report

AttentionMap = Literal["head", "average", "rollout"]


@dataclass(frozen=True)
class Pin:
    """One cell of the map that the visitor holds on to: the step that attends and the step attended to."""

    query: int
    key: int


@dataclass(frozen=True)
class AttentionView:
    """What the visitor looks at. Indices count from 0; `head` is an attention head.

    `map` says what the large map shows: that head, the average over the layer's heads, or the rollout through all
    layers. Layer and head keep their values while another map is shown, so that the way back leads to the same head.
    """

    layer: int = 0
    head: int = 0
    map: AttentionMap = "head"
    feature: int = 0
    pin: Pin | None = None

    def within(self, *, layers: int, heads: int, steps: int, features: int) -> AttentionView:
        """Return the nearest view that exists at these sizes; a pin that lies outside is taken off.

        A view outlives its window, and comes from an address bar: what no longer exists is no error.
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


def read_report(state: Mapping[str, Any] | None) -> Report[AttentionView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    pin = None if told["pin"] is None else Pin(query=told["pin"]["query"], key=told["pin"]["key"])
    view = AttentionView(layer=told["layer"], head=told["head"], map=told["map"], feature=told["feature"], pin=pin)
    return Report(view=view, stamp=told["stamp"])
