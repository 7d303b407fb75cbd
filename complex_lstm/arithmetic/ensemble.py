"""The three pools, the ensemble heads and the combiner. The small networks are derived along their largest terms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import nn

from complex_lstm.arithmetic.derivation import Derivation, Line, Ref, Sum, given
from complex_lstm.arithmetic.linear import apply, channel_name, largest_term, row_lines, row_lines_around, step_name, sum_of_products
from complex_lstm.arithmetic.operations import DIVIDE, LARGEST, MULTIPLY, RELU, TAKE
from complex_lstm.arithmetic.traced_window import TracedWindow
from complex_lstm.languages import _, mark

POOLS = (mark("mean"), mark("max"), mark("last step"))


def pooled(window: TracedWindow, pool: int, channel: int) -> Derivation:
    """Return a channel's mean, largest value or last step."""
    h = window.over_time(window.before_block(len(window.trace.lstm)))[:, channel]
    return (_mean, _max, _last)[pool](window, h, channel)


def _mean(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int) -> Derivation:
    names = [step_name(step) for step in range(len(h))]
    return Derivation(
        site="Pooling",
        name=f"{_('pooled mean')}, {channel_name(channel)}",
        formula=r"\bar h_c = \frac{1}{T} \sum_t h_{t,c}",
        lines=(
            sum_of_products("s", _("all steps added up"), r"\sum_t h_{t,c}", names, h, np.ones_like(h)),
            Line(r"\bar h_c", _("divided by their number"), DIVIDE, (Ref("s"), given(_("steps"), "T", len(h)))),
        ),
        traced=float(window.of(window.trace.pooled_mean)[channel]),
        source="complex_lstm.model.ensemble:MeanPool",
    )


def _max(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int) -> Derivation:
    best = np.argsort(-h, kind="stable")[:2].tolist()
    ranked = [
        given(f"{place}, {step_name(step)}", f"h_{{{step},c}}", h[step])
        for place, step in zip((_("largest"), _("second largest")), best, strict=False)
    ]
    return Derivation(
        site="Pooling",
        name=f"{_('pooled max')}, {channel_name(channel)}",
        formula=r"\hat h_c = \max_t h_{t,c}",
        lines=(Line(r"\hat h_c", _("step {step} is the largest of {steps}", step=best[0], steps=len(h)), LARGEST, tuple(ranked)),),
        traced=float(window.of(window.trace.pooled_max)[channel]),
        source="complex_lstm.model.ensemble:MaxPool",
    )


def _last(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int) -> Derivation:
    last = given(step_name(len(h) - 1), "h_{T-1,c}", h[-1])
    return Derivation(
        site="Pooling",
        name=f"{_('pooled last step')}, {channel_name(channel)}",
        formula=r"h^{\mathrm{last}}_c = h_{T-1,c}",
        lines=(Line(r"h^{\mathrm{last}}_c", _("the last step as it is"), TAKE, (last,)),),
        traced=float(window.of(window.trace.pooled_last)[channel]),
        source="complex_lstm.model.ensemble:last_step",
    )


def ensemble_head(window: TracedWindow, number: int, output: int) -> Derivation:
    """Return one output of an ensemble head: three layers with ReLU between.

    The hidden unit of the largest term is derived layer by layer; the others are given.
    """
    trace = window.trace
    pools = np.concatenate([window.of(one) for one in (trace.pooled_mean, trace.pooled_max, trace.pooled_last)])
    width = window.model.config.hidden_dim
    names = [_("{pool} of channel {number}", pool=_(pool), number=channel) for pool in POOLS for channel in range(width)]
    linears = [layer for layer in window.model.output_heads[number].modules() if isinstance(layer, nn.Linear)]
    return Derivation(
        site="Ensemble head",
        name=f"{_('ensemble head {number}', number=number + 1)}, {window.output_names[output]}",
        formula=r"y = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3,\quad v = [\bar h;\, \hat h;\, h^{\mathrm{last}}]",
        lines=tuple(_network_lines(linears, pools, names, output)),
        traced=float(window.of(trace.ensemble_head_outputs)[number, output]),
        source="complex_lstm.model.ensemble:output_head",
    )


def combined(window: TracedWindow, output: int) -> Derivation:
    """Return a prediction: two layers over the ensemble heads' outputs, with ReLU between, times the learned scale."""
    outputs = window.of(window.trace.ensemble_head_outputs)
    names = [f"{_('ensemble head {number}', number=number + 1)}, {name}" for number in range(len(outputs)) for name in window.output_names]
    linears = [layer for layer in window.model.ensemble_combiner.modules() if isinstance(layer, nn.Linear)]
    lines = _network_lines(linears, outputs.ravel(), names, output)
    scale = given(_("learned scale of the output"), r"\lambda", window.model.gradient_scale.item())
    return Derivation(
        site="Combiner",
        name=f"{_('prediction')}, {window.output_names[output]}",
        formula=r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1 v + b_1) + b_2\big),\quad v = [y^{(1)};\, y^{(2)};\, y^{(3)}]",
        lines=(*lines, Line(r"\hat y", _("times the learned scale"), MULTIPLY, (Ref(lines[-1].symbol), scale))),
        traced=float(window.of(window.trace.prediction)[output]),
        source="complex_lstm.model.ensemble:combiner",
    )


def _network_lines(linears: Sequence[nn.Linear], values: Float[np.ndarray, " entry"], names: list[str], output: int) -> list[Sum | Line]:
    """Return the lines from a network's input to one output, through the hidden unit of the largest term in each layer."""
    entering = [values]
    for linear in linears[:-1]:
        entering.append(np.maximum(apply(linear, entering[-1]), 0))
    lines: list[Sum | Line] = []
    row = output
    for layer in range(len(linears), 1, -1):
        linear, hidden = linears[layer - 1], entering[layer - 1]
        below = largest_term(linear, row, hidden)
        units = [_("unit {number} of layer {layer}", number=number, layer=layer - 1) for number in range(len(hidden))]
        around = row_lines_around(f"a_{layer - 1}", below, linear, row, units, hidden, suffix=f"_{layer}")
        before_relu = "z" if layer == 2 else f"z_{layer - 1}"  # the first layer's is the symbol of a plain row
        lines = [
            Line(f"a_{layer - 1}", f"{units[below]}, {_('ReLU: a negative value becomes 0')}", RELU, (Ref(before_relu),)),
            *around,
            *lines,
        ]
        row = below
    label = _("unit {number} of layer {layer}: what comes in times weights", number=row, layer=1)
    return [*row_lines(linears[0], row, names, values, label=label, general=r"\sum_j W_j\, v_j"), *lines]
