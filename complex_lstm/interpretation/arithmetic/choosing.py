"""What there is to choose in a box: its axes, and their entries for a model and a window's number of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from complex_lstm.config import kernel_names
from complex_lstm.interpretation.arithmetic.linear import channel_names
from complex_lstm.interpretation.arithmetic.pooling import POOLS
from complex_lstm.interpretation.arithmetic.recurrence import DIRECTIONS
from complex_lstm.model import ComplexLSTMModel

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
