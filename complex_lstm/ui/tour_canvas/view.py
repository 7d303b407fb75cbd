"""Which value of the picture the visitor looks at, and how the browser reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complex_lstm.ui.canvas import Report


@dataclass(frozen=True)
class TourView:
    """One cell of one sheet of one box. All count from 0; over time the column is the step."""

    box: int
    sheet: int = 0
    row: int = 0
    column: int = 0


def read_report(state: Mapping[str, Any] | None) -> Report[TourView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    return Report(view=TourView(told["box"], told["sheet"], told["row"], told["column"]), stamp=told["stamp"])
