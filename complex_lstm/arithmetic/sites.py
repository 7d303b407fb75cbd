"""Every kind of site in the order of the architecture, the axes along which its values are chosen, and `derive`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.arithmetic.attention import attended, attention_weight, head_output, projected
from complex_lstm.arithmetic.convolution import convolution_scale, convolution_stage, fused, gate
from complex_lstm.arithmetic.derivation import Derivation, ValueIndex
from complex_lstm.arithmetic.ensemble import POOLS, combined, combiner_unit, ensemble_head, hidden_unit, pooled
from complex_lstm.arithmetic.input_projection import input_projection, position
from complex_lstm.arithmetic.linear import channel_names
from complex_lstm.arithmetic.recurrence import DIRECTIONS, lstm_block, lstm_cell
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.config import kernel_names
from complex_lstm.errors import ExplanationError
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER

Choices = Callable[[ComplexLSTMModel, int, tuple[int, ...]], list[str]]


@dataclass(frozen=True)
class Axis:
    """One index of a value at a site. An entry's index counts from 0; its name is what the figures call it.

    `choices` takes the model, the window's number of steps and the indices chosen on the axes before, and returns the
    names of the entries: a stage's scales differ in their channels.
    """

    name: str
    choices: Choices


def _channels_of_scale(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    stage, scale, *_ = chosen
    scales = len(model.config.kernels[stage])
    share, remainder = divmod(model.config.hidden_dim, scales)
    return channel_names(share + remainder * (scale == scales - 1))


def _counted(name: str, count: int) -> list[str]:
    """Return names that count from 1, as the figures call blocks, layers and heads."""
    return [f"{name} {number}" for number in range(1, count + 1)]


def _widths(network: nn.Module) -> list[int]:
    """Return the number of units of each hidden layer of a small network."""
    return [layer.out_features for layer in network.modules() if isinstance(layer, nn.Linear)][:-1]


def _units(network: nn.Module, layer: int) -> list[str]:
    return [f"unit {number}" for number in range(_widths(network)[layer])]


STEP, QUERY, KEY = (
    Axis(name, lambda model, steps, chosen: [f"step {number}" for number in range(steps)]) for name in ("step", "query step", "key step")
)
CHANNEL = Axis("channel", lambda model, steps, chosen: channel_names(model.config.hidden_dim))
CHANNEL_OF_SCALE = Axis("channel of the scale", _channels_of_scale)
STAGE = Axis("convolution stage", lambda model, steps, chosen: _counted("convolution stage", len(model.config.kernels)))
SCALE = Axis("scale", lambda model, steps, chosen: list(kernel_names(model.config.kernels[chosen[0]])))
BLOCK = Axis("BiLSTM block", lambda model, steps, chosen: _counted("BiLSTM block", len(model.lstm_blocks)))
LSTM_LAYER = Axis("LSTM layer", lambda model, steps, chosen: _counted("LSTM layer", 2))
DIRECTION = Axis("direction", lambda model, steps, chosen: list(DIRECTIONS))
ATTENTION_LAYER = Axis(
    "attention layer",
    lambda model, steps, chosen: _counted("attention layer", sum(block < len(model.lstm_blocks) for block in ATTENTION_LAYER_AFTER)),
)
ATTENTION_HEAD = Axis("attention head", lambda model, steps, chosen: _counted("attention head", model.config.num_heads))
CHANNEL_OF_HEAD = Axis(
    "channel of the attention head",
    lambda model, steps, chosen: channel_names(model.config.hidden_dim // model.config.num_heads),
)
POOL = Axis("pool", lambda model, steps, chosen: list(POOLS))
ENSEMBLE_HEAD = Axis("ensemble head", lambda model, steps, chosen: _counted("ensemble head", len(model.output_heads)))
HIDDEN_LAYER = Axis("hidden layer", lambda model, steps, chosen: _counted("layer", len(_widths(model.output_heads[0]))))
UNIT = Axis("unit", lambda model, steps, chosen: _units(model.output_heads[chosen[0]], chosen[1]))
COMBINER_UNIT = Axis("unit", lambda model, steps, chosen: _units(model.ensemble_combiner, 0))
OUTPUT = Axis("output", lambda model, steps, chosen: [f"output {number}" for number in range(model.config.output_dim)])


@dataclass(frozen=True)
class SiteKind:
    """One kind of site: its name, the axes along which one value is chosen, and the function that derives that value."""

    name: str
    axes: tuple[Axis, ...]
    derive: Callable[..., Derivation]


SITES: tuple[SiteKind, ...] = (
    SiteKind("Input projection", (STEP, CHANNEL), input_projection),
    SiteKind("Positions", (STEP, CHANNEL), position),
    SiteKind("Convolution scale", (STAGE, SCALE, STEP, CHANNEL_OF_SCALE), convolution_scale),
    SiteKind("Convolution stage", (STAGE, STEP, CHANNEL), convolution_stage),
    SiteKind("Fusion gate", (STEP, CHANNEL), gate),
    SiteKind("Fused", (STEP, CHANNEL), fused),
    SiteKind("LSTM cell", (BLOCK, LSTM_LAYER, DIRECTION, STEP, CHANNEL), lstm_cell),
    SiteKind("BiLSTM block", (BLOCK, STEP, CHANNEL), lstm_block),
    *(
        SiteKind(kind, (ATTENTION_LAYER, ATTENTION_HEAD, STEP, CHANNEL_OF_HEAD), partial(projected, kind=kind))
        for kind in ("Query", "Key", "Value")
    ),
    SiteKind("Attention weight", (ATTENTION_LAYER, ATTENTION_HEAD, QUERY, KEY), attention_weight),
    SiteKind("Head output", (ATTENTION_LAYER, ATTENTION_HEAD, STEP, CHANNEL_OF_HEAD), head_output),
    SiteKind("Attended", (ATTENTION_LAYER, STEP, CHANNEL), attended),
    SiteKind("Pooling", (POOL, CHANNEL), pooled),
    SiteKind("Hidden unit", (ENSEMBLE_HEAD, HIDDEN_LAYER, UNIT), hidden_unit),
    SiteKind("Ensemble head", (ENSEMBLE_HEAD, OUTPUT), ensemble_head),
    SiteKind("Combiner unit", (COMBINER_UNIT,), combiner_unit),
    SiteKind("Combiner", (OUTPUT,), combined),
)


MOST = 6  # terms of a sum that are written out


def derive(
    model: ComplexLSTMModel,
    trace: Trace,
    x: Float[Tensor, "batch time feature"],
    index: ValueIndex,
    *,
    features: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    most: int = MOST,
) -> Derivation:
    """Return the derivation of one value of a trace of x, made by the model in eval mode and without interventions.

    `features` and `outputs` are their names; without them they are numbered from 0. They are used in the names of terms
    and of the derivation as they are, and never in LaTeX. At most `most` terms of each sum are written out, and the
    others are added up.

    Raises:
        ExplanationError: the index does not exist in this model and window, `most` is below 0, or see `TracedWindow`.
        ShapeError: the trace is of another x.
    """
    window = TracedWindow(model, trace, x, index.window, features, outputs)
    kind = next((kind for kind in SITES if kind.name == index.site), None)
    if kind is None:
        raise ExplanationError(f"There is no kind of site {index.site!r}. There are {', '.join(kind.name for kind in SITES)}.")
    _check(kind, index, window)
    if most < 0:
        raise ExplanationError(f"most is {most}, expected 0 or more terms of a sum to write out.")
    return kind.derive(window, *index.at).shortened(most)


def _check(kind: SiteKind, index: ValueIndex, window: TracedWindow) -> None:
    """Raise an ExplanationError unless there is one index for each axis, and it is one of the axis's entries."""
    if len(index.at) != len(kind.axes):
        wanted = ", ".join(axis.name for axis in kind.axes)
        raise ExplanationError(f"The site {kind.name!r} has {len(kind.axes)} axes ({wanted}), got {len(index.at)} indices: {index.at}.")
    for number, (axis, at) in enumerate(zip(kind.axes, index.at, strict=True)):
        names = axis.choices(window.model, window.steps, index.at[:number])
        if not names:
            raise ExplanationError(f"This model uses no {axis.name}, so the site {kind.name!r} has no value. Choose another site.")
        if not 0 <= at < len(names):
            raise ExplanationError(
                f"There is no {axis.name} of index {at} in the site {kind.name!r}: indices go from 0 ({names[0]}) "
                f"to {len(names) - 1} ({names[-1]})."
            )
