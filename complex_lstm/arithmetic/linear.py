"""Lines that most sites share: sums of products, rows of linear layers, and the two norms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.arithmetic.derivation import Constant, Line, OmittedTerms, Ref, Sum, Term, ValueIndex, given
from complex_lstm.arithmetic.operations import ADD, ADD_PRODUCT, NORMALISE, SCALE_AND_SHIFT, as_written


def doubles(tensor: Tensor) -> Float[np.ndarray, "*shape"]:
    """Return a tensor's numbers in float64, off its graph and device."""
    return tensor.detach().cpu().double().numpy()


def channel_names(count: int) -> list[str]:
    """Return the names of channels, which count from 0."""
    return [f"channel {number}" for number in range(count)]


def apply(linear: nn.Linear, values: Float[np.ndarray, "*shape entry"]) -> Float[np.ndarray, "*shape result"]:
    """Return what a linear layer makes of values, in float64."""
    return values @ doubles(linear.weight).T + doubles(linear.bias)


def sum_of_products(
    symbol: str,
    label: str,
    general: str,
    names: Iterable[str],
    values: Float[np.ndarray, " term"],
    weights: Float[np.ndarray, " term"],
    origins: Iterable[ValueIndex | None] = repeat(None),
    of_weights: Iterable[ValueIndex | None] = repeat(None),
) -> Sum:
    """Return the line that adds up values times weights, with every term in it, and where the model has computed both."""
    numbers = zip(names, values.tolist(), weights.tolist(), strict=True)
    terms = [Term(name, as_written(a), as_written(b), *of) for (name, a, b), *of in zip(numbers, origins, of_weights, strict=False)]
    return Sum(symbol, label, general, tuple(terms), OmittedTerms(0, 0.0))


def row_lines(
    linear: nn.Linear,
    row: int,
    names: Iterable[str],
    values: Float[np.ndarray, " entry"],
    *,
    label: str,
    general: str,
    block_input: tuple[Constant, ...] = (),
    origins: Iterable[ValueIndex | None] = repeat(None),
) -> tuple[Sum, Line]:
    """Return the lines of one row of a linear layer: s, its sum of products, and z, with the bias and the block's input."""
    bias = given("bias", "b", doubles(linear.bias)[row])
    return (
        sum_of_products("s", label, general, names, values, doubles(linear.weight)[row], origins),
        Line("z", "with the bias and what came in" if block_input else "with the bias", ADD, (Ref("s"), bias, *block_input)),
    )


def largest_term(linear: nn.Linear, row: int, values: Float[np.ndarray, " entry"]) -> int:
    """Return which of the values has the largest product in a row of a linear layer."""
    return int(np.abs(values * doubles(linear.weight)[row]).argmax())


def row_lines_around(
    earlier: str,
    place: int,
    linear: nn.Linear,
    row: int,
    names: list[str],
    values: Float[np.ndarray, " entry"],
    *,
    origins: Sequence[ValueIndex],
    suffix: str = "",
) -> tuple[Sum, Line]:
    """Return the lines of one row in which the value at `place` is an earlier line's result, and the others are given."""
    weight = doubles(linear.weight)[row]
    others = [number for number in range(len(values)) if number != place]
    its_weight = given(f"weight of {names[place]}", f"w{suffix}", weight[place])
    operands = (Ref(f"s{suffix}"), Ref(earlier), its_weight, given("bias", f"b{suffix}", doubles(linear.bias)[row]))
    label, general = f"all but {names[place]}, times weights", rf"\sum_j W_j\, {earlier.split('_')[0]}_j"
    return (
        sum_of_products(
            f"s{suffix}",
            label,
            general,
            [names[number] for number in others],
            values[others],
            weight[others],
            [origins[number] for number in others],
        ),
        Line(f"z{suffix}", f"with {names[place]}, and the bias", ADD_PRODUCT, operands),
    )


def layer_norm_lines(norm: nn.LayerNorm, before: Float[np.ndarray, " channel"], channel: int) -> tuple[Line, Line]:
    """Return the lines from z, the channel before LayerNorm, to y after it. Mean and variance are over the channels of the step."""
    return norm_lines(norm, float(before.mean()), float(before.var()), channel, "over the channels of this step")


def norm_lines(norm: nn.LayerNorm | nn.BatchNorm1d, mean: float, variance: float, channel: int, over: str) -> tuple[Line, Line]:
    """Return the lines from z, the channel before a norm, to y after it. `over` says of what mean and variance are."""
    spread = (
        given(f"mean {over}", r"\mu", mean),
        given(f"variance {over}", r"\sigma^2", variance),
        given("against division by zero", r"\varepsilon", norm.eps),
    )
    learned = (
        given("learned scale", r"\gamma", doubles(norm.weight)[channel]),
        given("learned shift", r"\beta", doubles(norm.bias)[channel]),
    )
    return (
        Line("n", "minus the mean, divided by the standard deviation", NORMALISE, (Ref("z"), *spread)),
        Line("y", "scaled and shifted as learned", SCALE_AND_SHIFT, (Ref("n"), *learned)),
    )
