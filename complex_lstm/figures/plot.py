"""A Plotly figure that is built quickly: its layout is one plain dictionary, into which updates are merged.

Plotly checks each property of each update by itself: of a figure of nine rows, 43 ms, make_subplots took 14 and the updates
20. Here nothing is checked while a page is drawn. The tests check that every figure passes Plotly's own check unchanged.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

LISTS = ("shapes", "annotations")  # of objects, which Plotly merges one by one


class Plot(go.Figure):
    """A figure whose `update_layout`, `update_xaxes` and `update_yaxes` merge plain dictionaries.

    Everything else is Plotly's. Names and values are not checked: a wrong one is found by the tests, or has no effect.
    """

    def update_layout(self, dict1: dict[str, Any] | None = None, overwrite: bool = False, **changes: Any) -> Plot:
        """Merge these properties into the layout, and return the figure."""
        given = {**(dict1 or {}), **changes}
        if overwrite:
            return super().update_layout(given, overwrite)
        if merged := {name: given.pop(name) for name in LISTS if name in given and self._layout.get(name)}:
            super().update_layout(merged)
        given = {name: value for name, value in given.items() if name not in LISTS or value}
        for name in given:
            if name in LISTS:
                self._layout_obj._compound_array_props.pop(name, None)
            elif name[-1].isdigit() and name not in self._layout_obj._subplotid_props:
                self._layout_obj[name] = {}  # Plotly comes to know a further axis only so
        _merge(self._layout, given)
        return self

    def update_xaxes(self, selector: Any = None, overwrite: bool = False, row: Any = None, col: Any = None, **changes: Any) -> Plot:
        """Merge these properties into the chosen horizontal axes, and return the figure."""
        return self._update_axes("xaxis", selector, overwrite, row, col, changes)

    def update_yaxes(self, selector: Any = None, overwrite: bool = False, row: Any = None, col: Any = None, **changes: Any) -> Plot:
        """Merge these properties into the chosen vertical axes, and return the figure."""
        return self._update_axes("yaxis", selector, overwrite, row, col, changes)

    def _update_axes(self, kind: str, selector: Any, overwrite: bool, row: Any, col: Any, changes: dict[str, Any]) -> Plot:
        if selector is not None or overwrite or "secondary_y" in changes or "patch" in changes:
            update = super().update_xaxes if kind == "xaxis" else super().update_yaxes
            return update(selector=selector, overwrite=overwrite, row=row, col=col, **changes)
        for name in self._axes(kind, row, col):
            _merge(self._layout.setdefault(name, {}), changes)
        return self

    def _axes(self, kind: str, row: int | None, col: int | None) -> list[str]:
        """Return the names in the layout of the axes at a row and column of the grid, None for all."""
        if self._grid_ref is None:
            return [kind, *(name for name in self._layout if name.startswith(kind) and name != kind)]
        place = ("xaxis", "yaxis").index(kind)
        return [
            cell[0].layout_keys[place]
            for at_row, cells in enumerate(self._grid_ref, 1)
            for at_col, cell in enumerate(cells, 1)
            if cell and row in (None, at_row) and col in (None, at_col)
        ]

    def _set_trace_grid_position(self, trace: Any, row: int, col: int, secondary_y: bool | None = False) -> None:
        """Put a trace on the axes of a row and a column of the grid; Plotly does it by an update, which takes half a millisecond."""
        trace._props.update(self._validate_get_grid_ref()[row - 1][col - 1][0].trace_kwargs)


def subplots(rows: int, cols: int, **arguments: Any) -> Plot:
    """Return an empty figure of rows by columns, as Plotly's make_subplots with these arguments."""
    layout, grid = _grid(rows, cols, json.dumps(arguments, sort_keys=True))
    figure = Plot().update_layout(copy.deepcopy(layout))
    figure._grid_ref = grid
    return figure


@cache
def _grid(rows: int, cols: int, arguments: str) -> tuple[dict[str, Any], Any]:
    made = make_subplots(rows=rows, cols=cols, **json.loads(arguments))
    return {name: value for name, value in made.to_dict()["layout"].items() if name != "template"}, made._grid_ref


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    """Merge properties into a dictionary, in depth; `title_text` means the text in title, and None takes a property away."""
    for name, value in changes.items():
        first, _, rest = name.partition("_")
        if rest:
            value, name = {rest: value}, first
        if name == "title" and isinstance(value, str):
            value = {"text": value}
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = list(value) if isinstance(value, tuple) else copy.copy(value)
