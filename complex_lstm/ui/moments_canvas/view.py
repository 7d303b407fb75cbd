"""The moment that the visitor looks at, and how the browser reports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from complex_lstm.ui.canvas import Report


@dataclass(frozen=True)
class MomentView:
    """What the visitor looks at: the moment at this step of the optimizer."""

    step: int

    def within(self, steps: Sequence[int]) -> MomentView:
        """Return the view of the nearest moment that there is: a run that goes on again may have lost some."""
        return self if self.step in steps else MomentView(min(steps, key=lambda one: abs(one - self.step)))


def read_report(state: Mapping[str, Any] | None) -> Report[MomentView] | None:
    """Return the report in the component's state, or None before the visitor's first move."""
    told = None if state is None else state.get("view")
    return None if told is None else Report(view=MomentView(told["step"]), stamp=told["stamp"])
