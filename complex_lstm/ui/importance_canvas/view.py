"""The cell that the visitor holds on to, and how the browser reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complex_lstm.ui.canvas import Report


@dataclass(frozen=True)
class Pin:
    """One cell that is marked in every map: a step and a feature, both counted from 0."""

    step: int
    feature: int


@dataclass(frozen=True)
class ImportanceView:
    """What the visitor looks at. `window` is the token of the window that the pin stands in: no other one has this cell."""

    window: str
    pin: Pin | None = None

    def within(self, window: str) -> ImportanceView:
        """Return the view of a window: this one, or another without a pin."""
        return self if self.window == window else ImportanceView(window)


def read_report(state: Mapping[str, Any] | None) -> Report[ImportanceView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    pin = None if told["pin"] is None else Pin(step=told["pin"]["step"], feature=told["pin"]["feature"])
    return Report(view=ImportanceView(told["window"], pin), stamp=told["stamp"])
