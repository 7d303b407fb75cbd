"""The input projection and the positional encoding."""

from __future__ import annotations

import math
from typing import Any

from complex_lstm.arithmetic.derivation import INPUT, Derivation, Line, Ref, given
from complex_lstm.arithmetic.linear import apply, layer_norm_lines, row_lines
from complex_lstm.arithmetic.operations import ADD, ANGLE, COSINE, MINUS_TURNS, RELU, SINE
from complex_lstm.arithmetic.traced_window import TracedWindow


def input_projection(window: TracedWindow, step: int, channel: int) -> Derivation:
    """Return a channel after the input projection: a sum over the features, LayerNorm, ReLU."""
    linear: Any = window.model.input_proj[0]  # nn.Sequential forgets the classes
    norm: Any = window.model.input_proj[1]
    x = window.over_time(window.x)[step]
    return Derivation(
        site="Input projection",
        name=f"projected, step {step}, channel {channel}",
        formula=r"p_{t,c} = \max\big(0,\ \mathrm{LayerNorm}(W x_t + b)_c\big)",
        lines=(
            *row_lines(
                linear,
                channel,
                window.feature_names,
                x,
                label="features times weights",
                general=r"\sum_f W_{c,f}\, x_{t,f}",
                origins=[window.place(INPUT, step, feature) for feature in range(len(x))],
            ),
            *layer_norm_lines(norm, apply(linear, x), channel),
            Line("p_{t,c}", "ReLU: a negative value becomes 0", RELU, (Ref("y"),)),
        ),
        traced=float(window.over_time(window.trace.projected)[step, channel]),
        source="complex_lstm.model.network:ComplexLSTMModel.forward",
    )


def position(window: TracedWindow, step: int, channel: int) -> Derivation:
    """Return a channel with its position added: a sine in even channels, a cosine in odd ones.

    The angle is the model's own, in single precision. Whole turns are subtracted from it first: of seven digits of a
    large angle too few are left for the wave.
    """
    pair, name, wave = channel - channel % 2, *(("cos", COSINE) if channel % 2 else ("sin", SINE))
    projected = given(
        f"projected, channel {channel}",
        "p_{t,c}",
        window.over_time(window.trace.projected)[step, channel],
        window.place("Input projection", step, channel),
    )
    turned = _angle_lines(step, pair, window.model.config.hidden_dim)
    return Derivation(
        site="Positions",
        name=f"encoded, step {step}, channel {channel}",
        formula=rf"e_{{t,c}} = p_{{t,c}} + \{name}\frac{{t}}{{10000^{{2i / H}}}},\quad c = 2i{' + 1' * (channel % 2)}",
        lines=(
            *turned,
            Line("w", "on the wave", wave, (Ref(turned[-1].symbol),)),
            Line("e_{t,c}", "added to what came in", ADD, (projected, Ref("w"))),
        ),
        traced=float(window.over_time(window.trace.encoded)[step, channel]),
        source="complex_lstm.model.positions:PositionalEncoding",
    )


def _angle_lines(step: int, pair: int, channels: int) -> tuple[Line, ...]:
    operands = given("step", "t", step), given("the channel, or the even one before it", "2i", pair), given("channels", "H", channels)
    label = "the angle, in the model's single precision: the later the channel, the slower it turns"
    whole = Line(r"\varphi", label, ANGLE, operands)
    turns = int(whole.evaluate({}) / (2 * math.pi))
    if not turns:
        return (whole,)
    return whole, Line(r"\psi", "minus whole turns", MINUS_TURNS, (Ref(r"\varphi"), given("turns", "k", turns)))
