"""What the visitor looks at, and how the page and the browser agree on it when both may change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

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


@dataclass(frozen=True)
class Report:
    """The view that the browser last reported. `stamp` tells two reports of the same view apart."""

    view: AttentionView
    stamp: int


@dataclass(frozen=True)
class Agreement:
    """What page and browser last agreed on.

    `order` and `number` are the last view that the browser was told to show. They stay as they are while the visitor
    clicks, because Streamlit sends a message of unchanged bytes as a reference: a click then moves no weights.
    `heard` is the stamp of the last report that was followed.
    """

    order: AttentionView
    number: int
    shown: AttentionView
    heard: int | None


def agree(before: Agreement | None, *, wanted: AttentionView, report: Report | None) -> Agreement:
    """Return who is followed in this run: a new report before all, else the page when it changed its mind.

    The page says what it wants by a view other than the one that it was last given. In the run of a click it cannot
    yet know of the click, so what it wants then is stale.
    """
    stamp = None if report is None else report.stamp
    if before is None:
        return Agreement(order=wanted, number=0, shown=wanted, heard=stamp)
    if report is not None and stamp != before.heard:
        return replace(before, shown=report.view, heard=stamp)
    if stamp == before.heard and wanted == before.shown:
        return before
    # Either the page wants another view, or the browser was mounted anew and forgot what it had reported.
    return Agreement(order=wanted, number=before.number + 1, shown=wanted, heard=stamp)


def read_report(state: Mapping[str, Any] | None) -> Report | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    pin = None if told["pin"] is None else Pin(query=told["pin"]["query"], key=told["pin"]["key"])
    view = AttentionView(layer=told["layer"], head=told["head"], map=told["map"], feature=told["feature"], pin=pin)
    return Report(view=view, stamp=told["stamp"])
