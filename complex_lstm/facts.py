"""What the training part of a file looked like, column by column, as it travels in a checkpoint. It knows no pandas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from complex_lstm.errors import ConfigError

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)  # of the values that are below each quantile
TimeUnit = Literal["s", "time", "rows"]


@dataclass(frozen=True)
class ColumnFacts:
    """What the values of one column look like, in its own unit.

    quantiles  at SHARES; () where no cell has a value
    missing    share of empty cells
    step       the mean of the middle half of the changes from one row to the next, those of zero left out; 0 where there is none
    """

    name: str
    unit: str = ""
    quantiles: tuple[float, ...] = ()
    missing: float = 0.0
    mean: float = 0.0
    std: float = 0.0
    step: float = 0.0

    def __post_init__(self) -> None:
        numbers = (*self.quantiles, self.missing, self.mean, self.std, self.step)
        if (
            len(self.quantiles) not in (0, len(SHARES))
            or not all(map(math.isfinite, numbers))
            or list(self.quantiles) != sorted(self.quantiles)
        ):
            raise ConfigError(
                f"The facts of {self.name!r:.80} are no {len(SHARES)} finite quantiles in rising order, got {self.quantiles!s:.200}."
            )

    @property
    def median(self) -> float:
        return self.quantiles[len(SHARES) // 2]

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same one."""
        return bool(self.quantiles) and self.quantiles[0] == self.quantiles[-1]


@dataclass(frozen=True)
class TrainingFacts:
    """What a part of a file looks like: its features and values to predict, and the usual time from one row to the next.

    `time_step` is in seconds ("s") for dates, in the time column's own unit ("time") for numbers, and 1 row without a time column.
    """

    columns: tuple[ColumnFacts, ...]
    rows: int
    time_step: float = 1.0
    time_unit: TimeUnit = "rows"

    def __post_init__(self) -> None:
        if not math.isfinite(self.time_step):
            raise ConfigError(f"The time step is {self.time_step}, expected a finite number.")

    def find(self, name: str) -> ColumnFacts | None:
        """Return the facts of a column, None for a column that the model was not trained with."""
        return next((one for one in self.columns if one.name == name), None)
