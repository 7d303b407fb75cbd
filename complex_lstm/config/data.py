"""What a file's columns are, how they become windows and parts, and what a model's inputs and outputs mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from complex_lstm.config.codec import STORED_IF_SET
from complex_lstm.errors import ConfigError

Task = Literal["classes", "values"]
SplitKind = Literal["time", "group", "series"]
MissingPolicy = Literal["carry", "interpolate", "mean", "refuse"]
DerivedKind = Literal["age", "change", "one hot", "hour of day", "day of week", "day of year"]

OF_COLUMN: tuple[DerivedKind, ...] = ("age", "change", "one hot")
COLDEST, HOTTEST = 0.05, 20.0  # temperatures: beyond these, probabilities are 0 and 1, or all alike


@dataclass(frozen=True)
class Roles:
    """Which column of a file is what. An empty string or tuple means that the file has no such column."""

    features: tuple[str, ...]
    targets: tuple[str, ...]
    task: Task
    series: str = ""
    time: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        if self.task == "classes" and len(self.targets) > 1:
            raise ConfigError(f"A class comes from one column, got {len(self.targets)}: {', '.join(self.targets)}. Choose one.")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that has a role, once."""
        return tuple(name for name in dict.fromkeys((*self.features, *self.targets, self.series, self.time, self.group)) if name)


@dataclass(frozen=True)
class WindowConfig:
    """How series become windows.

    `length` and `stride` count time steps; `horizon` is how many steps after the window's last one a value is
    forecast. With `whole_series` each series is one window of its own length and the other three are not used.
    With `as_change` a value is learned as its change since the window's last step, in units of that change's
    standard deviation over the training part.
    """

    length: int = 50
    stride: int = 1
    horizon: int = 1
    whole_series: bool = False
    as_change: bool = False
    missing: MissingPolicy = "carry"

    def __post_init__(self) -> None:
        for name in ("length", "stride", "horizon"):
            if getattr(self, name) < 1:
                raise ConfigError(f"The window's {name} is {getattr(self, name)}, expected 1 or more time steps.")


@dataclass(frozen=True)
class SplitConfig:
    """How the data is split: the last of each series' time, or whole groups, or whole series; never single windows."""

    kind: SplitKind = "time"
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.validation < 1 and 0 <= self.test < 1 and self.validation + self.test < 1):
            raise ConfigError(f"Validation {self.validation} and test {self.test} leave nothing to train on; their sum must be under 1.")


@dataclass(frozen=True)
class DerivedFeature:
    """Columns that are made from others: the age of a column's last value, in time steps, a column's change since its last value, whether
    a column has a value, as 1 or 0, or a place in a cycle of the clock.

    A cycle gives two columns, its sine and cosine, so that its end lies beside its beginning. `value` is a cell of the column as text,
    a whole number without a decimal point.
    """

    kind: DerivedKind
    column: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        if (self.kind in OF_COLUMN) != bool(self.column):
            raise ConfigError(
                f"A derived feature {self.kind!r} has the column {self.column!r}; an age, a change and a one hot have one, a cycle of the "
                f"clock none."
            )
        if (self.kind == "one hot") != bool(self.value):
            raise ConfigError(f"A derived feature {self.kind!r} has the value {self.value!r}; a one hot has one, the others none.")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it makes."""
        if self.kind == "one hot":
            return (f"{self.column} is {self.value}",)
        return (f"{self.kind} of {self.column}",) if self.column else (f"{self.kind} (sin)", f"{self.kind} (cos)")

    @property
    def origin(self) -> str:
        """What it is, in words."""
        if self.kind == "one hot":
            return f"1 where {self.column} is {self.value}, 0 where it is something else"
        if self.kind == "age":
            return f"time steps since {self.column} was last seen"
        if self.kind == "change":
            return f"{self.column} less its last value before"
        return f"made from time: the {self.kind} as an angle"


@dataclass(frozen=True)
class Schema:
    """What a model's inputs and outputs mean: names in order, units where known ("" where not), and the classes.

    `derived` are the features that are not in the file but made from its columns.
    """

    roles: Roles
    classes: tuple[str, ...] = ()
    feature_units: tuple[str, ...] = ()
    target_units: tuple[str, ...] = ()
    derived: tuple[DerivedFeature, ...] = ()

    @property
    def from_file(self) -> tuple[str, ...]:
        """The features that the file itself must have."""
        made = {name for one in self.derived for name in one.names}
        return tuple(name for name in self.roles.features if name not in made)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the model's outputs: the classes, or the targets."""
        return self.classes if self.roles.task == "classes" else self.roles.targets

    def unit(self, name: str) -> str:
        """Return the unit of a feature or target, or "" where it is not known."""
        known = dict(zip(self.roles.targets, self.target_units, strict=False))
        known |= dict(zip(self.roles.features, self.feature_units, strict=False))
        return known.get(name, "")


@dataclass(frozen=True)
class Scaling:
    """How the model's numbers and the file's are brought to each other.

    Means and standard deviations are those of the training part: of each feature, and of each target that is a value. For targets
    learned as a change, `target_mean` and `target_std` are those of the change. `temperature` is what logits of classes are divided by
    before the softmax (temperature scaling: Guo et al. 2017); 1 leaves the probabilities as the model gives them.
    """

    feature_mean: tuple[float, ...]
    feature_std: tuple[float, ...]
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()
    temperature: float = field(default=1.0, metadata={STORED_IF_SET: True})

    def __post_init__(self) -> None:
        if not COLDEST <= self.temperature <= HOTTEST:
            raise ConfigError(f"The temperature is {self.temperature}, expected a number from {COLDEST} to {HOTTEST:g}.")
