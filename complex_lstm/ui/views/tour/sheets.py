"""A sheet: one tensor of a box as rows over columns, with what is needed to read it and to recompute any of its cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32
from torch import Tensor

from complex_lstm.arithmetic import ValueIndex

Across = Literal["time", "key", "channel", "output"]
Colours = Literal["signed", "share", "weight"]
SCALING, TERMS = "Scaling", "Human terms"  # kinds of arithmetic before and after the model
Find = Callable[[int, int], tuple[int, ...]]  # from row and column to the indices of a place


@dataclass(frozen=True)
class Sheet:
    """A tensor as it is drawn: `rows` says what a row is, `across` what runs from left to right.

    Colours: "signed" is centred on zero, "share" goes from 0 to 1, "weight" from 0 to the largest. `names` and `columns`
    are names of rows and columns; where there are none they count from 0 (columns over time have the window's times).
    `kind` and `find` lead to the arithmetic of a cell, which ends at the line called `until`, or at its end.
    """

    label: str
    values: Float32[np.ndarray, "row column"]
    rows: str
    across: Across = "time"
    colours: Colours = "signed"
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    kind: str = ""
    find: Find = lambda row, column: (row, column)
    until: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Columns, then rows: time comes first, as in the model's own tensors. Of attention: query, key."""
        rows, columns = self.values.shape
        return (rows, columns) if self.across == "key" else (columns, rows)

    def place(self, row: int, column: int) -> ValueIndex:
        """Return where the value of a cell stands in the model."""
        return ValueIndex(self.kind, self.find(row, column))

    @property
    def top(self) -> float:
        """The value of the strongest colour."""
        return 1.0 if self.colours == "share" else float(np.abs(self.values).max()) or 1.0


def over_time(
    label: str, values: Tensor, *, rows: str, kind: str = "", at: tuple[int, ...] = (), colours: Colours = "signed", until: str = ""
) -> Sheet:
    """Return the sheet of a (1, time, row) tensor whose cell (row, time) is worked out at (*at, time, row)."""
    return Sheet(
        label,
        values[0].float().numpy().T.copy(),
        rows,
        colours=colours,
        kind=kind,
        find=lambda row, column: (*at, column, row),
        until=until,
    )
