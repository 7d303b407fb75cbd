"""The settings that travel: frozen values with no tensor, frame or widget in them, to and from JSON."""

from __future__ import annotations

import json
import math
import types
import typing
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Literal, TypeVar

from complex_lstm.errors import ConfigError

Task = Literal["classes", "values"]
SplitKind = Literal["time", "group", "series"]
MissingPolicy = Literal["carry", "interpolate", "mean", "refuse"]
MixedPrecision = Literal["off", "gpu", "always"]
ProcessStrategy = Literal["auto", "ddp"]
Kernels = tuple[tuple[int, ...], tuple[int, ...]]  # of both convolution stages, one width a scale

SCALES = 3  # convolutions side by side in a stage

T = TypeVar("T")


@dataclass(frozen=True)
class ModelConfig:
    """The six numbers that make a ComplexLSTMModel, and its kernels. Defaults are those of the architecture document."""

    input_dim: int = 9
    hidden_dim: int = 256
    num_lstm_layers: int = 4
    num_heads: int = 8
    output_dim: int = 3
    dropout: float = 0.3
    kernels: Kernels = ((3, 5, 7), (3, 5, 9))

    def __post_init__(self) -> None:
        for name in ("input_dim", "hidden_dim", "num_lstm_layers", "num_heads", "output_dim"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}, expected 1 or more.")
        if self.hidden_dim % self.num_heads:
            raise ConfigError(
                f"hidden_dim {self.hidden_dim} does not divide by num_heads {self.num_heads}. "
                f"Each attention head takes hidden_dim / num_heads channels: choose a multiple of {self.num_heads}."
            )
        if self.hidden_dim < 3:
            raise ConfigError(f"hidden_dim is {self.hidden_dim}, expected 3 or more: one channel for each of the three scales.")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout is {self.dropout}, expected a share from 0 up to, and not including, 1.")
        stages = [len(stage) == SCALES and all(width > 0 and width % 2 for width in stage) for stage in self.kernels]
        if stages != [True, True]:
            raise ConfigError(
                f"kernels is {self.kernels}, expected two stages of {SCALES} odd widths each, such as ((3, 5, 7), (3, 5, 9)): "
                f"an even width would shift the series by half a step."
            )


def kernel_names(widths: tuple[int, ...]) -> tuple[str, ...]:
    """Return what a stage's kernels are called: by their width, and where widths repeat by their place too, from 1."""
    return tuple(
        f"kernel {width}, place {place}" if widths.count(width) > 1 else f"kernel {width}" for place, width in enumerate(widths, 1)
    )


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
    """How the data is parted: the last of each series' time, or whole groups, or whole series; never single windows."""

    kind: SplitKind = "time"
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.validation < 1 and 0 <= self.test < 1 and self.validation + self.test < 1):
            raise ConfigError(f"Validation {self.validation} and test {self.test} leave nothing to train on; their sum must be under 1.")


@dataclass(frozen=True)
class Schema:
    """What a model's inputs and outputs mean: names in order, units where known ("" where not), and the classes."""

    roles: Roles
    classes: tuple[str, ...] = ()
    feature_units: tuple[str, ...] = ()
    target_units: tuple[str, ...] = ()

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
    """Means and standard deviations of the training part: of each feature, and of each target that is a value.

    For targets learned as a change, `target_mean` and `target_std` are those of the change.
    """

    feature_mean: tuple[float, ...]
    feature_std: tuple[float, ...]
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()


GRADUAL_EPOCHS = 10
MOST_MOMENTS = 200


@dataclass(frozen=True)
class TrainingConfig:
    """One training run. Every strategy of `complex_lstm.strategies` is off unless it is asked for.

    `noise` is the standard deviation of Gaussian noise on the scaled inputs; `jitter` that of a factor and an offset
    for each window and feature, `warp` that of the logarithm of a window's speed: see `complex_lstm.training.batches`.
    With `averaging` (0.999, say) the weights kept are their exponential moving average over the steps, with that decay;
    0 keeps them as they are.
    `shuffle_labels` gives each training window another one's answer: a model that cannot have learned anything, against
    which explanations are checked (Adebayo et al. 2018).

    `learning_rate` is the highest of the one cycle; with `component_rates` it is that of the parts which have no rate of
    their own. `batch_size` counts the windows of a step over all processes (`devices` on each of `nodes` machines), and
    a step of the optimizer takes `accumulate` such batches. `process_strategy` "auto" is "ddp" where there are several
    processes. `clip_norm` 0 does not clip. A run in a folder keeps what its model is like inside at as many `moments`; 0 keeps none.
    """

    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    noise: float = 0.0
    jitter: float = 0.0
    warp: float = 0.0
    label_smoothing: float = 0.0
    averaging: float = 0.0
    patience: int = 8
    seed: int = 0
    shuffle_labels: bool = False
    gradual: bool = False
    adaptive_dropout: bool = False
    component_rates: bool = False
    gradient_flow: bool = False
    class_weights: bool = False
    clip_norm: float = 1.0
    accumulate: int = 1
    mixed_precision: MixedPrecision = "off"
    devices: int = 1
    nodes: int = 1
    process_strategy: ProcessStrategy = "auto"
    moments: int = 30

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience", "accumulate", "devices", "nodes"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}, expected 1 or more.")
        if not 0 <= self.clip_norm < math.inf:
            raise ConfigError(f"clip_norm is {self.clip_norm}, expected a norm above 0, or 0 for no clipping.")
        if self.gradual and self.epochs < GRADUAL_EPOCHS:
            raise ConfigError(
                f"epochs is {self.epochs}, expected {GRADUAL_EPOCHS} or more with gradual complexity: its shortest stages are a tenth "
                f"of the epochs. Give it more epochs, or turn it off."
            )
        if self.batch_size % (self.devices * self.nodes):
            raise ConfigError(
                f"batch_size {self.batch_size} does not divide by {self.devices * self.nodes} processes (devices times nodes). "
                f"Each takes an equal share of a batch: choose a multiple."
            )
        if not 0 <= self.moments <= MOST_MOMENTS:
            raise ConfigError(f"moments is {self.moments}, expected 0 to {MOST_MOMENTS}: each takes room on the disk.")
        if not self.learning_rate > 0:
            raise ConfigError(f"learning_rate is {self.learning_rate}, expected a number above 0.")
        if not 0 <= self.averaging < 1:
            raise ConfigError(f"averaging is {self.averaging}, expected a decay from 0 up to, and not including, 1.")


def to_json(value: Any) -> str:
    """Return a frozen config as JSON text."""
    return json.dumps(asdict(value))


def from_json(kind: type[T], text: str) -> T:
    """Return the config of this kind that `to_json` wrote.

    Raises:
        ConfigError: the text is not JSON, a field is missing or unknown, or a value has another type.
    """
    try:
        plain = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"The {kind.__name__} is not JSON: {error}. The file was damaged or made by another program.") from error
    return _revive(kind, plain)


def _revive(kind: Any, plain: Any) -> Any:
    """Turn plain JSON values into dataclasses and tuples, guided by the field types."""
    if is_dataclass(kind):
        make: Any = kind
        hints = typing.get_type_hints(kind)
        known = {field.name for field in fields(kind)}
        if not isinstance(plain, dict) or set(plain) - known:
            raise ConfigError(f"{getattr(kind, '__name__', kind)} has the fields {sorted(known)}, got {plain!r:.200}.")
        try:
            return make(**{name: _revive(hints[name], value) for name, value in plain.items()})
        except TypeError as error:
            raise ConfigError(f"{getattr(kind, '__name__', kind)} lacks a field: {error}.") from error
    origin = typing.get_origin(kind)
    if origin is tuple and isinstance(plain, list):
        return tuple(_revive(typing.get_args(kind)[0], item) for item in plain)
    if origin is Literal and plain in typing.get_args(kind):
        return plain
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(plain) is kind:
        return plain
    raise ConfigError(f"Expected {kind}, got {plain!r:.80}.")
