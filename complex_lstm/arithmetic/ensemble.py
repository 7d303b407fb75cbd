"""The three pools, the ensemble heads and the combiner. The small networks are derived along their largest terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from complex_lstm.arithmetic.derivation import Derivation, Line, Ref, Sum, ValueIndex, given
from complex_lstm.arithmetic.linear import apply, largest_term, row_lines, row_lines_around, sum_of_products
from complex_lstm.arithmetic.operations import DIVIDE, LARGEST, MULTIPLY, RELU, TAKE
from complex_lstm.arithmetic.traced_window import TracedWindow

POOLS = ("mean", "max", "last step")


def pooled(window: TracedWindow, pool: int, channel: int) -> Derivation:
    """Return a channel's mean, largest value or last step."""
    h = window.over_time(window.before_block(len(window.trace.lstm)))[:, channel]
    origins = [window.place_before_block(len(window.trace.lstm), step, channel) for step in range(len(h))]
    return (_mean, _max, _last)[pool](window, h, channel, origins)


def _mean(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int, origins: list[ValueIndex]) -> Derivation:
    names = [f"step {step}" for step in range(len(h))]
    return Derivation(
        site="Pooling",
        name=f"pooled mean, channel {channel}",
        formula=r"\bar h_c = \frac{1}{T} \sum_t h_{t,c}",
        lines=(
            sum_of_products("s", "all steps added up", r"\sum_t h_{t,c}", names, h, np.ones_like(h), origins),
            Line(r"\bar h_c", "divided by their number", DIVIDE, (Ref("s"), given("steps", "T", len(h)))),
        ),
        traced=float(window.of(window.trace.pooled_mean)[channel]),
        source="complex_lstm.model.ensemble:MeanPool",
    )


def _max(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int, origins: list[ValueIndex]) -> Derivation:
    best = np.argsort(-h, kind="stable")[:2].tolist()
    ranked = [
        given(f"{place}, step {step}", f"h_{{{step},c}}", h[step], origins[step])
        for place, step in zip(("largest", "second largest"), best, strict=False)
    ]
    return Derivation(
        site="Pooling",
        name=f"pooled max, channel {channel}",
        formula=r"\hat h_c = \max_t h_{t,c}",
        lines=(Line(r"\hat h_c", f"step {best[0]} is the largest of {len(h)}", LARGEST, tuple(ranked)),),
        traced=float(window.of(window.trace.pooled_max)[channel]),
        source="complex_lstm.model.ensemble:MaxPool",
    )


def _last(window: TracedWindow, h: Float[np.ndarray, " step"], channel: int, origins: list[ValueIndex]) -> Derivation:
    last = given(f"step {len(h) - 1}", "h_{T-1,c}", h[-1], origins[-1])
    return Derivation(
        site="Pooling",
        name=f"pooled last step, channel {channel}",
        formula=r"h^{\mathrm{last}}_c = h_{T-1,c}",
        lines=(Line(r"h^{\mathrm{last}}_c", "the last step as it is", TAKE, (last,)),),
        traced=float(window.of(window.trace.pooled_last)[channel]),
        source="complex_lstm.model.ensemble:last_step",
    )


@dataclass(frozen=True)
class _Network:
    """A small network of linear layers with ReLU between: what goes into each layer, in float64, with names and places."""

    linears: tuple[nn.Linear, ...]
    entering: tuple[Float[np.ndarray, " _entry"], ...]
    names: tuple[list[str], ...]
    origins: tuple[list[ValueIndex], ...]

    def lines(self, layer: int, row: int) -> list[Sum | Line]:
        """Return the lines of a unit before its ReLU, from the network's input along each layer's largest term. Layers count from 0."""
        linear, values = self.linears[layer], self.entering[layer]
        if layer == 0:
            label = f"unit {row} of layer 1: what comes in times weights"
            return [*row_lines(linear, row, self.names[0], values, label=label, general=r"\sum_j W_j\, v_j", origins=self.origins[0])]
        below = largest_term(linear, row, values)
        before_relu = "z" if layer == 1 else f"z_{layer}"  # the first layer's is the symbol of a plain row
        relu = Line(f"a_{layer}", f"{self.names[layer][below]}, ReLU: a negative value becomes 0", RELU, (Ref(before_relu),))
        around = row_lines_around(
            f"a_{layer}", below, linear, row, self.names[layer], values, origins=self.origins[layer], suffix=f"_{layer + 1}"
        )
        return [*self.lines(layer - 1, below), relu, *around]

    def unit(self, layer: int, row: int) -> list[Sum | Line]:
        """Return the lines of a hidden unit, its ReLU included."""
        lines = self.lines(layer, row)
        return [*lines, Line("u", f"unit {row} of layer {layer + 1}, ReLU: a negative value becomes 0", RELU, (Ref(lines[-1].symbol),))]


def _network(module: nn.Module, values: Float[np.ndarray, " entry"], names: list[str], origins: list[ValueIndex], *at: int) -> _Network:
    """Return a network on its input. `at` is the number of the ensemble head; the combiner has none."""
    linears = tuple(layer for layer in module.modules() if isinstance(layer, nn.Linear))
    entering, named, places = [values], [names], [origins]
    for number, linear in enumerate(linears[:-1]):
        entering.append(np.maximum(apply(linear, entering[-1]), 0))
        units = range(len(entering[-1]))
        named.append([f"unit {unit} of layer {number + 1}" for unit in units])
        window = origins[0].window
        site, place = ("Hidden unit", (*at, number)) if at else ("Combiner unit", ())
        places.append([ValueIndex(site, (*place, unit), window) for unit in units])
    return _Network(linears, tuple(entering), tuple(named), tuple(places))


def _head_network(window: TracedWindow, number: int) -> _Network:
    trace, width = window.trace, window.model.config.hidden_dim
    pools = np.concatenate([window.of(one) for one in (trace.pooled_mean, trace.pooled_max, trace.pooled_last)])
    names = [f"{pool} of channel {channel}" for pool in POOLS for channel in range(width)]
    origins = [window.place("Pooling", pool, channel) for pool in range(len(POOLS)) for channel in range(width)]
    return _network(window.model.output_heads[number], pools, names, origins, number)


def _combiner_network(window: TracedWindow) -> _Network:
    outputs = window.of(window.trace.ensemble_head_outputs)
    heads = range(len(outputs))
    names = [f"ensemble head {number + 1}, {name}" for number in heads for name in window.output_names]
    origins = [window.place("Ensemble head", number, output) for number in heads for output in range(outputs.shape[1])]
    return _network(window.model.ensemble_combiner, outputs.ravel(), names, origins)


def ensemble_head(window: TracedWindow, number: int, output: int) -> Derivation:
    """Return one output of an ensemble head: three layers with ReLU between.

    The hidden unit of the largest term is derived layer by layer; the others are given.
    """
    network = _head_network(window, number)
    return Derivation(
        site="Ensemble head",
        name=f"ensemble head {number + 1}, {window.output_names[output]}",
        formula=r"y = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3,\quad v = [\bar h;\, \hat h;\, h^{\mathrm{last}}]",
        lines=tuple(network.lines(len(network.linears) - 1, output)),
        traced=float(window.of(window.trace.ensemble_head_outputs)[number, output]),
        source="complex_lstm.model.ensemble:output_head",
    )


def hidden_unit(window: TracedWindow, number: int, layer: int, unit: int) -> Derivation:
    """Return a hidden unit of an ensemble head after its ReLU."""
    pools = [window.of(one) for one in (window.trace.pooled_mean, window.trace.pooled_max, window.trace.pooled_last)]
    return Derivation(
        site="Hidden unit",
        name=f"ensemble head {number + 1}, unit {unit} of layer {layer + 1}",
        formula=r"u = \max(0,\ W_1 v + b_1)" if layer == 0 else r"u = \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big)",
        lines=tuple(_head_network(window, number).unit(layer, unit)),
        traced=_computed(window.model.output_heads[number], np.concatenate(pools), layer, unit),
        source="complex_lstm.model.ensemble:output_head",
    )


def combiner_unit(window: TracedWindow, unit: int) -> Derivation:
    """Return a hidden unit of the combiner after its ReLU."""
    return Derivation(
        site="Combiner unit",
        name=f"combiner, unit {unit} of layer 1",
        formula=r"u = \max(0,\ W_1 v + b_1)",
        lines=tuple(_combiner_network(window).unit(0, unit)),
        traced=_computed(window.model.ensemble_combiner, window.of(window.trace.ensemble_head_outputs).ravel(), 0, unit),
        source="complex_lstm.model.ensemble:combiner",
    )


@torch.no_grad()
def _computed(module: nn.Module, values: Float[np.ndarray, " entry"], layer: int, unit: int) -> float:
    """Return what the model's own layers compute for a hidden unit, in single precision."""
    linears = [one for one in module.modules() if isinstance(one, nn.Linear)]
    h = torch.from_numpy(values).float().to(linears[0].weight.device)
    for linear in linears[: layer + 1]:
        h = linear(h).relu()
    return float(h[unit])


def combined(window: TracedWindow, output: int) -> Derivation:
    """Return a prediction: two layers over the ensemble heads' outputs, with ReLU between, times the learned scale."""
    network = _combiner_network(window)
    lines = network.lines(len(network.linears) - 1, output)
    scale = given("learned scale of the output", r"\lambda", window.model.gradient_scale.item())
    return Derivation(
        site="Combiner",
        name=f"prediction, {window.output_names[output]}",
        formula=r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1 v + b_1) + b_2\big),\quad v = [y^{(1)};\, y^{(2)};\, y^{(3)}]",
        lines=(*lines, Line(r"\hat y", "times the learned scale", MULTIPLY, (Ref(lines[-1].symbol), scale))),
        traced=float(window.of(window.trace.prediction)[output]),
        source="complex_lstm.model.ensemble:combiner",
    )
