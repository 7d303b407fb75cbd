"""The settings that travel: frozen values with no tensor, frame or widget in them, to and from JSON."""

from __future__ import annotations

import json
import re
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeVar

from complex_lstm.errors import ConfigError
from complex_lstm.settings import check_settings, setting, stored_name

Task = Literal["classes", "values"]
SplitKind = Literal["time", "group", "series"]
MissingPolicy = Literal["carry", "interpolate", "mean", "refuse"]
MixedPrecision = Literal["off", "gpu", "always"]
ProcessStrategy = Literal["auto", "ddp"]
LogKind = Literal["off", "tensorboard", "mlflow", "wandb"]
Kernels = tuple[tuple[int, ...], tuple[int, ...]]  # of both convolution stages, one width a scale

SCALES = 3  # convolutions side by side in a stage
COLDEST, HOTTEST = 0.05, 20.0  # temperatures: beyond these, probabilities are 0 and 1, or all alike
LARGEST = 2**63 - 1  # whole number that arrays and other programs can hold
LONE_HALF = re.compile("[\ud800-\udfff]")  # of a character beyond 65,535: JSON can write one alone, UTF-8 cannot
LARGEST_MODEL = {"hidden_dim": 2**20, "num_lstm_layers": 256, "input_dim": 10**6, "output_dim": 10**6, "kernels": 10**4}
STORED_IF_SET = "stored_if_set"  # a field that JSON leaves out at its default, so that files of before stay the same, byte by byte

T = TypeVar("T")


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a ComplexLSTMModel. The defaults are those of the architecture document."""

    input_dim: int = setting(9, "Features", "Input features at each time step.", group="data", at_least=1)
    hidden_dim: int = setting(
        256, "Hidden channels", "Channels of the hidden state: a multiple of the attention heads. Time grows about with its square; "
        "the full size is 256.", group="model", at_least=1, initial=64, option="hidden",
    )  # fmt: skip
    num_lstm_layers: int = setting(
        4, "BiLSTM blocks", "BiLSTM blocks, one after another; most of the time goes into them.",
        group="model", at_least=1, option="lstm-layers",
    )  # fmt: skip
    num_heads: int = setting(
        8, "Attention heads", "Attention heads of each attention layer; the hidden channels are shared out among them.",
        group="model", at_least=1, option="heads",
    )  # fmt: skip
    output_dim: int = setting(3, "Outputs", "Classes or targets.", group="data", at_least=1)
    dropout: float = setting(
        0.3, "Dropout", "Share of activations dropped while training.", group="model", at_least=0, below=1,
        expected="a share from 0 up to, and not including, 1", step=0.05, tried=(0.1, 0.3, 0.5),
    )  # fmt: skip
    kernels: Kernels = setting(
        ((3, 5, 7), (3, 5, 9)), "Kernel sizes", "Time steps that each convolution sees, three odd numbers for each of the two stages.",
        group="model",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if self.hidden_dim % self.num_heads:
            raise ConfigError(
                f"hidden_dim {self.hidden_dim} does not divide by num_heads {self.num_heads}. "
                f"Each attention head takes hidden_dim / num_heads channels: choose a multiple of {self.num_heads}."
            )
        if self.hidden_dim < 3:
            raise ConfigError(f"hidden_dim is {self.hidden_dim}, expected 3 or more: one channel for each of the three scales.")
        widest = max((width for stage in self.kernels for width in stage), default=0)
        for name, most in LARGEST_MODEL.items():
            size = widest if name == "kernels" else getattr(self, name)
            if size > most:
                raise ConfigError(f"{name} is {size:,}, expected {most:,} or less: no larger model is built here.")
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


DerivedKind = Literal["age", "one hot", "hour of day", "day of week", "day of year"]
OF_COLUMN: tuple[DerivedKind, ...] = ("age", "one hot")


@dataclass(frozen=True)
class DerivedFeature:
    """Columns that are made from others: the age of a column's last value, in time steps, whether a column has a value, as 1 or 0, or a
    place in a cycle of the clock.

    A cycle gives two columns, its sine and cosine, so that its end lies beside its beginning. `value` is a cell of the column as text,
    a whole number without a decimal point.
    """

    kind: DerivedKind
    column: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        if (self.kind in OF_COLUMN) != bool(self.column):
            raise ConfigError(
                f"A derived feature {self.kind!r} has the column {self.column!r}; an age and a one hot have one, a cycle of the clock none."
            )
        if (self.kind == "one hot") != bool(self.value):
            raise ConfigError(f"A derived feature {self.kind!r} has the value {self.value!r}; a one hot has one, the others none.")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it makes."""
        if self.kind == "one hot":
            return (f"{self.column} is {self.value}",)
        return (f"age of {self.column}",) if self.kind == "age" else (f"{self.kind} (sin)", f"{self.kind} (cos)")

    @property
    def origin(self) -> str:
        """What it is, in words."""
        if self.kind == "one hot":
            return f"1 where {self.column} is {self.value}, 0 where it is something else"
        if self.kind == "age":
            return f"time steps since {self.column} was last seen"
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


GRADUAL_EPOCHS = 10  # the fewest with gradual complexity


@dataclass(frozen=True)
class TrainingConfig:
    """One training run. Every strategy is off by default; `complex_lstm.settings` explains a field's metadata.

    What the help of a field leaves open: `learning_rate` is the highest of the one-cycle schedule; with `component_rates` it is
    that of the components without a rate of their own. `batch_size` counts the windows of a step over all processes (`devices`
    on each of `nodes` machines), and an optimizer step takes `accumulate` such batches. `jitter`, `noise` and `warp` are defined
    in `complex_lstm.training.batches`, `rotation` in `complex_lstm.training.rotation`. With `averaging` the weights that are kept
    are their exponential moving average; `averaged_epochs` and `fitted_scale` are defined in `complex_lstm.training.best_weights`.
    `shuffle_labels` gives each training window the label of another one: a model that cannot have learned anything, against
    which explanations are checked (Adebayo et al. 2018).
    """

    epochs: int = setting(20, "Epochs at most", "Passes over the training part, at most.", group="length", at_least=1)
    batch_size: int = setting(64, "Batch size", "Windows in a batch.", group="length", at_least=1)
    learning_rate: float = setting(2e-3, "Learning rate", "The highest learning rate of the one-cycle schedule.", group="more", above=0)
    weight_decay: float = setting(1e-2, "Weight decay", "AdamW's: pulls weights towards zero.", group="more", at_least=0)
    noise: float = setting(
        0.0, "Noise", "Standard deviation of Gaussian noise on the scaled inputs while training.", group="more", at_least=0
    )
    jitter: float = setting(
        0.0, "Jitter", "Standard deviation of a factor and an offset for each window and feature while training: for people or sensors "
        "that differ.", group="more", at_least=0,
    )  # fmt: skip
    warp: float = setting(
        0.0, "Warp", "Standard deviation of the logarithm of a window's speed while training, which plays it faster or slower: for people "
        "or machines at their own pace.", group="more", at_least=0,
    )  # fmt: skip
    rotation: float = setting(
        0.0, "Rotation", "Standard deviation, in degrees, of an angle by which a window's channels named x, y and z are turned together "
        "while training, such as ax, ay, az: for sensors that people wear each at another angle. Such triples must be in one unit.",
        group="more", at_least=0, at_most=180,
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, "Label smoothing", "Share of a class label spread over all classes.", group="more", at_least=0, at_most=1
    )
    averaging: float = setting(
        0.0, "Averaged weights", "Decay of an exponential moving average of the weights over the steps, e.g. 0.999; 0 for none. It helps "
        "where the validation loss jumps from epoch to epoch; in our short trials it kept too much of the beginning and was behind plain "
        "training wherever it made a difference.",
        group="strategy", at_least=0, below=1, expected="a decay from 0 up to, and not including, 1",
    )  # fmt: skip
    averaged_epochs: int = setting(
        0, "Mean of the last epochs", "Averages the weights at the ends of so many last epochs; 0 for none. From the first of them on the "
        "mean so far is what is scored and kept; earlier epochs count as they are. The best of all is kept, and without a validation "
        "part the mean of them all. On the weather it was 0 to 2% worse than the last epoch: the learning rate has fallen too far by then "
        "for the epochs to differ.", group="strategy", at_least=0, expected="0 for none, or up to the number of epochs",
    )  # fmt: skip
    fitted_scale: bool = setting(
        False, "Output scale by validation", "Multiplies the outputs of the epoch that is kept by the number that gives the least squared "
        "error on the validation part: below 1 where the predicted values or changes are too large. For values only. On the weather even "
        "the best scale for each target and month gained 0.4% at most, and it was above 1 in one month and below in the others.",
        group="strategy",
    )  # fmt: skip
    patience: int = setting(
        8, "Early stopping", "Ends the run after this many epochs without a better validation loss; the best epoch is kept. It saves time "
        "where a model would overfit; with 3 it ended two of our three short trials of planted_shape before anything was learned.",
        group="strategy", at_least=1,
    )  # fmt: skip
    seed: int = setting(
        0, "Seed", "Draws the weights, the order of the windows, dropout and noise. The same seed on the same machine: the same model.",
        group="length", at_least=0, at_most=2**32 - 1,
    )  # fmt: skip
    shuffle_labels: bool = setting(
        False, "Shuffled labels", "Gives each training window the label of another one: a control that explanations are checked against, "
        "and of no use for predicting.", group="more",
    )  # fmt: skip
    gradual: bool = setting(
        False, "Gradual complexity", "Trains the input projection first, then adds convolutions and gate, the BiLSTM blocks one by one "
        "and the attention layers, and ends with the ensemble alone. An epoch takes about half the time; in our short trials it was as "
        "good as plain training on three of four data sets and far behind on planted_shape.", group="strategy",
    )  # fmt: skip
    adaptive_dropout: bool = setting(
        False, "Adaptive dropout", "Drops 50% of the activations in the first third of the epochs, 30% in the second and 10% in the last, "
        "instead of the model's own share. In our short trials small models learned worse with it on all four data sets, by 7 to 43 "
        "points of accuracy; try it for a large model that overfits.", group="strategy",
    )  # fmt: skip
    component_rates: bool = setting(
        False, "Learning rate by component", "Trains the input projection at up to 1e-3, the BiLSTM blocks at 1e-4 and the attention "
        "layers at 1e-5, the other components at the learning rate. In our short trials the difference was within the spread of three "
        "seeds; it is meant for recurrent or attention gradients that explode.", group="strategy",
    )  # fmt: skip
    gradient_flow: bool = setting(
        False, "Gradient flow", "Records the gradient's norm in each component before clipping, and the gradient scale, over the steps. "
        "It changes nothing in the model: it shows which component learns, and where gradients vanish or explode.", group="strategy",
    )  # fmt: skip
    class_weights: bool = setting(
        False, "Class weights", "Weighs each class by the inverse of its share of the training part. It helps to find rare classes, at the "
        "price of more false alarms and of probabilities that no longer match how common a class is; in our trials nothing was beyond "
        "chance.", group="strategy",
    )  # fmt: skip
    clip_norm: float = setting(
        1.0, "Gradient clipping", "Scales a step's gradient down to this norm where it is longer; 0 for never. It keeps one odd batch from "
        "undoing what was learned; without it our short trials scored the same on three data sets of four and worse on planted_order.",
        group="strategy", at_least=0, expected="a norm above 0, or 0 for no clipping",
    )  # fmt: skip
    accumulate: int = setting(
        1, "Gradient accumulation", "Takes one optimizer step for this many batches. It helps where a large batch does not fit into "
        "memory: halve the batch as well, and our short trials scored like plain training. With the batches as they are, "
        "half the steps were too few in all four.", group="strategy", at_least=1,
    )  # fmt: skip
    mixed_precision: MixedPrecision = setting(
        "off", "Mixed precision", "Computes most products in bfloat16: on a GPU that can ('gpu'), or on the CPU too ('always'). It is "
        "meant for large models; a small one scored like plain training in our short trials and took 0.9 to 1.4 times as long on the CPU.",
        group="strategy",
    )  # fmt: skip
    devices: int = setting(
        1,
        "Devices",
        "GPUs of a machine, or processes where it has none. Each takes an equal share of every batch.",
        group="more",
        at_least=1,
    )
    nodes: int = setting(
        1, "Machines", "Machines; start the same command on each as Lightning's cluster environments require.", group="terminal", at_least=1
    )
    process_strategy: ProcessStrategy = setting(
        "auto", "Process strategy", "'ddp' averages the gradients of the processes (DistributedDataParallel); 'auto' does so only if there "
        "are several.", group="more", option="strategy",
    )  # fmt: skip
    snapshots: int = setting(
        30, "Snapshots", "How often a run in a folder records attention, gate and ensemble heads of a few windows, to be played "
        "afterwards; 0 for never.", group="more", at_least=0, at_most=200, expected="0 to 200: each takes room on the disk",
        former=("moments",), stored_as="moments",
    )  # fmt: skip
    log: LogKind = setting(
        "off", "Log", "Also logs settings, losses, scores and the data's fingerprint for TensorBoard, MLflow or Weights & Biases (wandb), "
        "into the run's folder; each needs an extra of its own name.", group="more",
    )  # fmt: skip
    log_to: str = setting(
        "", "Place of the log", "Where --log writes: a folder; for MLflow also a server's address; for Weights & Biases, which is offline "
        "in a folder, also online:PROJECT. Without it the run's folder.", group="terminal",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if self.averaged_epochs > self.epochs:
            raise ConfigError(f"averaged_epochs is {self.averaged_epochs}, of {self.epochs} epochs. Average fewer, or train for longer.")
        if self.averaging and self.averaged_epochs:
            raise ConfigError(
                f"averaging {self.averaging} and averaged_epochs {self.averaged_epochs} are two ways to average weights. Choose one."
            )
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


def to_json(value: Any) -> str:
    """Return a frozen config as JSON text. A field that has been renamed keeps its former name there: see `stored_name`."""
    return json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        kept = [one for one in fields(value) if not (one.metadata.get(STORED_IF_SET) and getattr(value, one.name) == one.default)]
        return {stored_name(one): _plain(getattr(value, one.name)) for one in kept}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def from_json(kind: type[T], text: str) -> T:
    """Return the config of this kind that `to_json` wrote.

    Raises:
        ConfigError: the text is not JSON, a field is missing or unknown, or a value has another type.
    """
    try:
        return revive(kind, json.loads(text))
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, and brackets in brackets without end
        raise ConfigError(f"The {kind.__name__} is not JSON: {error}. The file was damaged or made by another program.") from error


def _check_writable(plain: Any) -> None:
    if type(plain) is int and abs(plain) > LARGEST:
        raise ConfigError(f"Got a whole number of {len(str(abs(plain)))} digits, expected at most {len(str(LARGEST))}.")
    if type(plain) is str and LONE_HALF.search(plain):
        raise ConfigError(f"Got the text {plain!r:.80}, which holds halves of characters. Write it in UTF-8.")


def revive(kind: Any, plain: Any) -> Any:
    """Return what plain JSON values stand for: dataclasses and tuples, guided by the field types.

    Raises:
        ConfigError: a field is missing or unknown, a value has another type, a whole number needs more than 64 bits, or a text holds
            halves of characters, which nothing can write.
    """
    if is_dataclass(kind):
        make: Any = kind
        hints = typing.get_type_hints(kind)
        known = {stored_name(one): one.name for one in fields(kind)}
        if not isinstance(plain, dict) or set(plain) - set(known):
            raise ConfigError(f"{getattr(kind, '__name__', kind)} has the fields {sorted(known)}, got {plain!r:.200}.")
        try:
            return make(**{known[name]: revive(hints[known[name]], value) for name, value in plain.items()})
        except TypeError as error:
            raise ConfigError(f"{getattr(kind, '__name__', kind)} lacks a field: {error}.") from error
    origin = typing.get_origin(kind)
    if origin is types.UnionType:  # X | None
        return None if plain is None else revive(typing.get_args(kind)[0], plain)
    if origin is tuple and isinstance(plain, list):
        return tuple(revive(typing.get_args(kind)[0], item) for item in plain)
    if origin is Literal and plain in typing.get_args(kind):
        return plain
    _check_writable(plain)
    if kind is float and type(plain) is int:
        return float(plain)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(plain) is kind:
        return plain
    raise ConfigError(f"Expected {kind}, got {plain!r:.80}.")
