"""The convolution stages with their scales, and the fusion gate that mixes both stages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from complex_lstm.arithmetic.derivation import Derivation, Line, Ref, Sum, ValueIndex, given
from complex_lstm.arithmetic.linear import (
    apply,
    channel_names,
    doubles,
    layer_norm_lines,
    norm_lines,
    row_lines,
    sum_of_products,
)
from complex_lstm.arithmetic.operations import ADD, BLEND, RELU, SIGMOID
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.config import kernel_names


def convolution_scale(window: TracedWindow, stage: int, scale: int, step: int, channel: int) -> Derivation:
    """Return the response of one scale at a step: a sum over the neighbourhood, BatchNorm, ReLU. Beyond the window are zeros."""
    kernel = window.model.config.kernels[stage][scale]
    called = kernel_names(window.model.config.kernels[stage])[scale]
    block, before, responses = _stage(window, stage)
    convolve, norm, *_ = block.convs[scale]
    mean, variance = (float(kept[channel]) for kept in (norm.running_mean, norm.running_var))
    earlier = (lambda t, j: window.place("Convolution stage", 0, t, j)) if stage else partial(window.place, "Positions")
    sums = _neighbourhood(before, doubles(convolve.weight)[channel], step, earlier)
    bias = given("bias", "b", doubles(convolve.bias)[channel])
    return Derivation(
        site="Convolution scale",
        name=f"convolution stage {stage + 1}, {called}, step {step}, channel {channel} of the scale",
        formula=r"r_{t,c} = \max\Big(0,\ \mathrm{BatchNorm}\Big("
        rf"\sum_{{k=-{kernel // 2}}}^{{{kernel // 2}}} \sum_j W_{{c,j,k}}\, h_{{t+k,j}} + b_c\Big)_c\Big)",
        lines=(
            *sums,
            Line("z", "with the bias", ADD, (*(Ref(line.symbol) for line in sums), bias)),
            *norm_lines(norm, mean, variance, channel, "of the channel, kept from training"),
            Line("r_{t,c}", "ReLU: a negative value becomes 0", RELU, (Ref("y"),)),
        ),
        traced=float(responses[scale][step, channel]),
        source="complex_lstm.model.convolution:TemporalConvBlock",
    )


def convolution_stage(window: TracedWindow, stage: int, step: int, channel: int) -> Derivation:
    """Return a channel after a stage: a sum over all scales, the stage's input added, LayerNorm."""
    block, inputs, scales = _stage(window, stage)
    before, responses = inputs[step], [response[step] for response in scales]
    together = np.concatenate(responses)
    kernels = zip(kernel_names(window.model.config.kernels[stage]), responses, strict=True)
    names = [f"{kernel}, {channel}" for kernel, response in kernels for channel in channel_names(len(response))]
    came_from = window.place("Convolution stage", 0, step, channel) if stage else window.place("Positions", step, channel)
    block_input = given(f"{('encoded', 'convolution stage 1')[stage]}, channel {channel}", "h_{t,c}", before[channel], came_from)
    origins = [window.place("Convolution scale", stage, scale, step, j) for scale, one in enumerate(responses) for j in range(len(one))]
    label, general = "scales times weights", r"\sum_j W_{c,j}\, r_{t,j}"
    return Derivation(
        site="Convolution stage",
        name=f"convolution stage {stage + 1}, step {step}, channel {channel}",
        formula=rf"a^{{({stage + 1})}}_{{t,c}} = \mathrm{{LayerNorm}}(h_t + W r_t + b)_c",
        lines=(
            *row_lines(
                block.output_proj, channel, names, together, label=label, general=general, block_input=(block_input,), origins=origins
            ),
            *layer_norm_lines(block.layer_norm, before + apply(block.output_proj, together), channel),
        ),
        traced=float(window.over_time((window.trace.conv1, window.trace.conv2)[stage])[step, channel]),
        source="complex_lstm.model.convolution:TemporalConvBlock.forward",
    )


def _neighbourhood(
    h: Float[np.ndarray, "step channel"], weight: Float[np.ndarray, "channel tap"], step: int, earlier: Callable[[int, int], ValueIndex]
) -> list[Sum]:
    """Return the sum over the taps inside the window, and at its ends one over the taps beyond it."""
    taps = weight.shape[1]
    at = step + np.arange(taps) - taps // 2
    inside = (at >= 0) & (at < len(h))
    names = [f"step {t}, channel {j}" for t in at[inside] for j in range(h.shape[1])]
    origins = [earlier(t, j) for t in at[inside].tolist() for j in range(h.shape[1])]
    label, general = "neighbourhood times weights", r"\sum_k \sum_j W_{c,j,k}\, h_{t+k,j}"
    within = sum_of_products("s", label, general, names, h[at[inside]].ravel(), weight.T[inside].ravel(), origins)
    if inside.all():
        return [within]
    names = [f"step {t}, beyond the window: {len(weight)} zeros" for t in at[~inside]]
    zeros, sums = np.zeros(len(names)), weight.sum(axis=0)[~inside]  # a zero for each channel, times the sum of the tap's weights
    return [within, sum_of_products("o", "zero padding", r"\sum_k 0 \cdot \sum_j W_{c,j,k}", names, zeros, sums)]


def _stage(window: TracedWindow, stage: int) -> tuple[Any, Float[np.ndarray, "step channel"], list[np.ndarray]]:
    """Return a stage's block, its input, and the responses of its scales."""
    model, trace = window.model, window.trace
    if stage == 0:
        block, before, scales = model.temp_conv1, trace.encoded, trace.conv1_scales
    else:
        block, before, scales = model.temp_conv2, trace.conv1, trace.conv2_scales
    return block, window.over_time(before), [window.over_time(one) for one in scales]


SOURCE = "complex_lstm.model.network:ComplexLSTMModel.forward"


def gate(window: TracedWindow, step: int, channel: int) -> Derivation:
    """Return a channel of the gate: a sum over both stages, sigmoid."""
    linear: Any = window.model.fusion_gate[0]  # nn.Sequential forgets the class
    stages = [window.over_time(one)[step] for one in (window.trace.conv1, window.trace.conv2)]
    names = [f"stage {number}, channel {j}" for number, stage in enumerate(stages, 1) for j in range(len(stage))]
    origins = [window.place("Convolution stage", number, step, j) for number, stage in enumerate(stages) for j in range(len(stage))]
    general = r"\sum_j W_{c,j}\, [a^{(1)}_t;\, a^{(2)}_t]_j"
    return Derivation(
        site="Fusion gate",
        name=f"gate, step {step}, channel {channel}",
        formula=r"g_{t,c} = \sigma\big(W\, [a^{(1)}_t;\, a^{(2)}_t] + b\big)_c",
        lines=(
            *row_lines(linear, channel, names, np.concatenate(stages), label="both stages times weights", general=general, origins=origins),
            Line("g_{t,c}", "sigmoid: from 0 to 1", SIGMOID, (Ref("z"),)),
        ),
        traced=float(window.over_time(window.trace.gate)[step, channel]),
        source=SOURCE,
    )


def fused(window: TracedWindow, step: int, channel: int) -> Derivation:
    """Return a channel of the mix: the gate's share of stage 1, and the rest of stage 2."""
    trace = window.trace
    gated, first, second = (float(window.over_time(one)[step, channel]) for one in (trace.gate, trace.conv1, trace.conv2))
    operands = (
        given("gate", "g_{t,c}", gated, window.place("Fusion gate", step, channel)),
        given("convolution stage 1", "a^{(1)}_{t,c}", first, window.place("Convolution stage", 0, step, channel)),
        given("convolution stage 2", "a^{(2)}_{t,c}", second, window.place("Convolution stage", 1, step, channel)),
    )
    return Derivation(
        site="Fused",
        name=f"fused, step {step}, channel {channel}",
        formula=r"f_{t,c} = g_{t,c}\, a^{(1)}_{t,c} + (1 - g_{t,c})\, a^{(2)}_{t,c}",
        lines=(Line("f_{t,c}", "the gate's share of stage 1, the rest of stage 2", BLEND, operands),),
        traced=float(window.over_time(trace.fused)[step, channel]),
        source=SOURCE,
    )
