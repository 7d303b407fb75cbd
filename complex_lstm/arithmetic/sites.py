"""Every kind of box of the model in the order of the architecture, and the one door to their arithmetic.

What there is to choose in a box: its axes, and their entries for a model and a window's number of steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from complex_lstm.arithmetic.attention import attended, attention_weight
from complex_lstm.arithmetic.convolution import convolution_scale, convolution_stage, fused, gate
from complex_lstm.arithmetic.derivation import Derivation
from complex_lstm.arithmetic.ensemble import POOLS, combined, ensemble_head, pooled
from complex_lstm.arithmetic.entrance import input_projection, position
from complex_lstm.arithmetic.linear import channel_names
from complex_lstm.arithmetic.recurrence import DIRECTIONS, lstm_block, lstm_cell
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.config import kernel_names
from complex_lstm.errors import ExplanationError
from complex_lstm.model import ComplexLSTMModel, Trace

Choices = Callable[[ComplexLSTMModel, int, tuple[int, ...]], list[str]]


@dataclass(frozen=True)
class Axis:
    """One thing to choose in a box. An entry's index counts from 0; its name is how it is called elsewhere.

    `choices` takes the model, the window's number of steps and the indices chosen on the axes before, and returns the
    names of the entries: a stage's scales differ in their channels.
    """

    name: str
    choices: Choices


def _steps(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return [f"step {number}" for number in range(steps)]


def _channels(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return channel_names(model.config.hidden_dim)


def _channels_of_scale(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    scales = len(model.config.kernels[chosen[0]])
    share, remainder = divmod(model.config.hidden_dim, scales)
    return channel_names(share + remainder * (chosen[1] == scales - 1))


def _stages(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("convolution stage", len(model.config.kernels))


def _scales(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return list(kernel_names(model.config.kernels[chosen[0]]))


def _blocks(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("BiLSTM block", len(model.lstm_blocks))


def _lstm_layers(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("LSTM layer", 2)


def _directions(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return list(DIRECTIONS)


def _attention_layers(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("attention layer", min(len(model.lstm_blocks) // 2, len(model.attention_layers)))


def _attention_heads(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("attention head", model.config.num_heads)


def _pools(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return list(POOLS)


def _members(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return _counted("ensemble head", len(model.output_heads))


def _outputs(model: ComplexLSTMModel, steps: int, chosen: tuple[int, ...]) -> list[str]:
    return [f"output {number}" for number in range(model.config.output_dim)]


def _counted(name: str, count: int) -> list[str]:
    """Return names that count from 1, as the figures call blocks, layers and heads."""
    return [f"{name} {number}" for number in range(1, count + 1)]


STEP, QUERY, KEY = (Axis(name, _steps) for name in ("step", "query step", "key step"))
CHANNEL, CHANNEL_OF_SCALE = Axis("channel", _channels), Axis("channel of the scale", _channels_of_scale)
STAGE, SCALE = Axis("convolution stage", _stages), Axis("scale", _scales)
BLOCK, LSTM_LAYER, DIRECTION = Axis("BiLSTM block", _blocks), Axis("LSTM layer", _lstm_layers), Axis("direction", _directions)
ATTENTION_LAYER, ATTENTION_HEAD = Axis("attention layer", _attention_layers), Axis("attention head", _attention_heads)
POOL, MEMBER, OUTPUT = Axis("pool", _pools), Axis("ensemble head", _members), Axis("output", _outputs)


MOST = 6  # terms of a sum that are written out


@dataclass(frozen=True)
class SiteKind:
    """One kind of box: its name, what has to be chosen to get at one value, and the function that works that value out."""

    name: str
    axes: tuple[Axis, ...]
    work_out: Callable[..., Derivation]


SITES: tuple[SiteKind, ...] = (
    SiteKind("Input projection", (STEP, CHANNEL), input_projection),
    SiteKind("Positions", (STEP, CHANNEL), position),
    SiteKind("Convolution scale", (STAGE, SCALE, STEP, CHANNEL_OF_SCALE), convolution_scale),
    SiteKind("Convolution stage", (STAGE, STEP, CHANNEL), convolution_stage),
    SiteKind("Fusion gate", (STEP, CHANNEL), gate),
    SiteKind("Fused", (STEP, CHANNEL), fused),
    SiteKind("LSTM cell", (BLOCK, LSTM_LAYER, DIRECTION, STEP, CHANNEL), lstm_cell),
    SiteKind("BiLSTM block", (BLOCK, STEP, CHANNEL), lstm_block),
    SiteKind("Attention weight", (ATTENTION_LAYER, ATTENTION_HEAD, QUERY, KEY), attention_weight),
    SiteKind("Attended", (ATTENTION_LAYER, STEP, CHANNEL), attended),
    SiteKind("Pooling", (POOL, CHANNEL), pooled),
    SiteKind("Ensemble head", (MEMBER, OUTPUT), ensemble_head),
    SiteKind("Combiner", (OUTPUT,), combined),
)


@dataclass(frozen=True)
class Place:
    """Where a value stands: the name of its kind of box, an index for each of its axes, and the window of the batch."""

    site: str
    at: tuple[int, ...]
    window: int = 0


def work_out(
    model: ComplexLSTMModel,
    trace: Trace,
    x: Float[Tensor, "batch time feature"],
    place: Place,
    *,
    features: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    most: int = MOST,
) -> Derivation:
    """Return the arithmetic of one value: `trace` is the model's own, in eval mode and without interventions, of these x.

    `features` and `outputs` are their names; without them they are numbered from 0. They stand in the names of terms and
    of the working as they are, and never in LaTeX. At most `most` terms of each sum are written out, and the others are
    added up.

    Raises:
        ExplanationError: the place does not exist in this model and window, `most` is below 0, or see `TracedWindow`.
        ShapeError: the trace is of another x.
    """
    window = TracedWindow(model, trace, x, place.window, features, outputs)
    kind = next((kind for kind in SITES if kind.name == place.site), None)
    if kind is None:
        raise ExplanationError(f"There is no kind of box {place.site!r}. There are {', '.join(kind.name for kind in SITES)}.")
    _check(kind, place, window)
    if most < 0:
        raise ExplanationError(f"most is {most}, expected 0 or more terms of a sum to write out.")
    return kind.work_out(window, *place.at).shortened(most)


def _check(kind: SiteKind, place: Place, window: TracedWindow) -> None:
    """Raise an ExplanationError unless every index of the place is one of its axis's."""
    if len(place.at) != len(kind.axes):
        wanted = ", ".join(axis.name for axis in kind.axes)
        raise ExplanationError(f"The box {kind.name!r} has {len(kind.axes)} axes ({wanted}), got {len(place.at)} indices: {place.at}.")
    for number, (axis, index) in enumerate(zip(kind.axes, place.at, strict=True)):
        names = axis.choices(window.model, window.steps, place.at[:number])
        if not names:
            raise ExplanationError(f"This model uses no {axis.name}, so the box {kind.name!r} has no value. Choose another box.")
        if not 0 <= index < len(names):
            raise ExplanationError(
                f"There is no {axis.name} of index {index} in the box {kind.name!r}: indices go from 0 ({names[0]}) "
                f"to {len(names) - 1} ({names[-1]})."
            )
