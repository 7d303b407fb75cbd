"""The first two boxes: features become channels, and steps get their positions."""

from __future__ import annotations

from typing import Any

from complex_lstm.interpretation.arithmetic.linear import apply, layer_norm_lines, row_lines
from complex_lstm.interpretation.arithmetic.operations import ADD, ANGLE, COSINE, RELU, SINE
from complex_lstm.interpretation.arithmetic.traced_window import TracedWindow
from complex_lstm.interpretation.arithmetic.working import Earlier, Line, Working, given


def input_projection(window: TracedWindow, step: int, channel: int) -> Working:
    """Return a channel after the input projection: a sum over the features, LayerNorm, ReLU."""
    linear: Any = window.model.input_proj[0]  # nn.Sequential forgets the classes
    norm: Any = window.model.input_proj[1]
    x = window.over_time(window.x)[step]
    return Working(
        box="Input projection",
        name=f"projected, step {step}, channel {channel}",
        formula=r"p_{t,c} = \max\big(0,\ \mathrm{LayerNorm}(W x_t + b)_c\big)",
        lines=(
            *row_lines(linear, channel, window.feature_names, x, label="features times weights", general=r"\sum_f W_{c,f}\, x_{t,f}"),
            *layer_norm_lines(norm, apply(linear, x), channel),
            Line("p_{t,c}", "nothing below zero passes", RELU, (Earlier("y"),)),
        ),
        traced=float(window.over_time(window.trace.projected)[step, channel]),
        source="complex_lstm.model.network:ComplexLSTMModel._walk",
    )


def position(window: TracedWindow, step: int, channel: int) -> Working:
    """Return a channel with its position added: a sine in even channels, a cosine in odd ones.

    The model computes the angle in float32, so the traced value is the more off the later the step: 1e-5 at about the
    thousandth.
    """
    pair, name, wave = channel - channel % 2, *(("cos", COSINE) if channel % 2 else ("sin", SINE))
    sizes = given("the channel, or the even one before it", "2i", pair), given("channels", "H", window.model.config.hidden_dim)
    projected = given(f"projected, channel {channel}", "p_{t,c}", window.over_time(window.trace.projected)[step, channel])
    return Working(
        box="Positions",
        name=f"encoded, step {step}, channel {channel}",
        formula=rf"e_{{t,c}} = p_{{t,c}} + \{name}\frac{{t}}{{10000^{{2i / H}}}},\quad c = 2i{' + 1' * (channel % 2)}",
        lines=(
            Line(r"\varphi", "the angle: the later the channel, the slower it turns", ANGLE, (given("step", "t", step), *sizes)),
            Line("w", "on the wave", wave, (Earlier(r"\varphi"),)),
            Line("e_{t,c}", "added to what came in", ADD, (projected, Earlier("w"))),
        ),
        traced=float(window.over_time(window.trace.encoded)[step, channel]),
        source="complex_lstm.model.positions:PositionalEncoding",
    )
