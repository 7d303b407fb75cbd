"""The fusion gate, and the mix that it makes of the two convolution stages."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.interpretation.arithmetic.linear import row_lines
from complex_lstm.interpretation.arithmetic.operations import BLEND, SIGMOID
from complex_lstm.interpretation.arithmetic.traced_window import TracedWindow
from complex_lstm.interpretation.arithmetic.working import Earlier, Line, Working, given

SOURCE = "complex_lstm.model.network:ComplexLSTMModel._convolve"


def gate(window: TracedWindow, step: int, channel: int) -> Working:
    """Return a channel's gate: a sum over both stages, sigmoid."""
    linear: Any = window.model.fusion_gate[0]  # nn.Sequential forgets the class
    stages = [window.over_time(one)[step] for one in (window.trace.conv1, window.trace.conv2)]
    names = [f"stage {number}, channel {j}" for number, stage in enumerate(stages, 1) for j in range(len(stage))]
    general = r"\sum_j W_{c,j}\, [a^{(1)}_t;\, a^{(2)}_t]_j"
    return Working(
        box="Fusion gate",
        name=f"gate, step {step}, channel {channel}",
        formula=r"g_{t,c} = \sigma\big(W\, [a^{(1)}_t;\, a^{(2)}_t] + b\big)_c",
        lines=(
            *row_lines(linear, channel, names, np.concatenate(stages), label="both stages times weights", general=general),
            Line("g_{t,c}", "sigmoid: from 0 to 1", SIGMOID, (Earlier("z"),)),
        ),
        traced=float(window.over_time(window.trace.gate)[step, channel]),
        source=SOURCE,
    )


def fused(window: TracedWindow, step: int, channel: int) -> Working:
    """Return a channel of the mix: the gate's share of stage 1, and the rest of stage 2."""
    trace = window.trace
    gated, first, second = (float(window.over_time(one)[step, channel]) for one in (trace.gate, trace.conv1, trace.conv2))
    operands = (
        given("gate", "g_{t,c}", gated),
        given("convolution stage 1", "a^{(1)}_{t,c}", first),
        given("convolution stage 2", "a^{(2)}_{t,c}", second),
    )
    return Working(
        box="Fused",
        name=f"fused, step {step}, channel {channel}",
        formula=r"f_{t,c} = g_{t,c}\, a^{(1)}_{t,c} + (1 - g_{t,c})\, a^{(2)}_{t,c}",
        lines=(Line("f_{t,c}", "the gate's share of stage 1, the rest of stage 2", BLEND, operands),),
        traced=float(window.over_time(trace.fused)[step, channel]),
        source=SOURCE,
    )
