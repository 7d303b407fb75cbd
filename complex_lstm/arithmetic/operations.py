"""The operations of the model beside sums of products, and numbers as they are written: seven significant digits, in LaTeX."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from string import Template

from complex_lstm.languages import spoken
from complex_lstm.model.positions import angles

SIGNIFICANT = 7  # float32 holds 7.2 decimal digits: fewer miss the traced value by more than 1e-5, more are not in it


def as_written(value: float) -> float:
    """Return a value rounded to the digits that are written."""
    return float(_text(value))


def digits(value: float) -> str:
    """Return a number in LaTeX."""
    mantissa, _, exponent = _text(value).partition("e")
    mantissa = mantissa.replace(".", "." if spoken().decimal == "." else f"{{{spoken().decimal}}}")  # a bare comma would part a list
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def bracketed(written: str) -> str:
    """Return a number in LaTeX as it is written beside a sign: in brackets where it has one of its own."""
    return f"({written})" if written.startswith("-") else written


def _text(value: float) -> str:
    return f"{value + 0.0:.{SIGNIFICANT}g}"  # + 0.0 because a zero has no sign on paper


@dataclass(frozen=True)
class Operation:
    """What a line computes from its operands, and how it is written. `compute` is a named function, so that it can be pickled.

    In `latex` $a, $b, $c and $d stand for the first four operands, bracketed where they have a sign of their own, and
    $A to $D for the same without brackets; $sum stands for all of them added up, $list for all with commas between.
    """

    compute: Callable[..., float]
    latex: str

    def write(self, operands: list[str]) -> str:
        """Return the operation in LaTeX, with these symbols or numbers for operands."""
        beside_signs = [bracketed(operand) for operand in operands]
        named = dict(zip("abcd", beside_signs, strict=False)) | dict(zip("ABCD", operands, strict=False))
        return Template(self.latex).substitute(named, sum=" + ".join(beside_signs), list=r",\ ".join(operands))


def add(*values: float) -> float:
    return math.fsum(values)


def add_product(first: float, value: float, weight: float, bias: float) -> float:
    return first + value * weight + bias


def add_products(first: float, its_weight: float, second: float, other_weight: float) -> float:
    return first * its_weight + second * other_weight


def angle(step: float, channel: float, channels: float) -> float:
    """Return the angle as the model has it, in single precision: at a late step the exact one differs from it by more than 1e-5."""
    return float(angles(int(step) + 1, int(channels))[-1, int(channel) // 2])


def blend(gate: float, opened: float, closed: float) -> float:
    return gate * opened + (1 - gate) * closed


def divide_by_root(value: float, squared: float) -> float:
    return value / math.sqrt(squared)


def exponential_below(value: float, top: float) -> float:
    return math.exp(value - top)


def largest(*values: float) -> float:
    return max(values)  # max alone refuses a single number, as of a window of one step


def normalise(value: float, mean: float, variance: float, epsilon: float) -> float:
    return (value - mean) / math.sqrt(variance + epsilon)


def relu(value: float) -> float:
    return max(0.0, value)


def scale_and_shift(value: float, scale: float, shift: float) -> float:
    return scale * value + shift


def sigmoid(value: float) -> float:
    return 0.5 * (1 + math.tanh(value / 2))  # the same as 1 / (1 + exp(-value)), which overflows far below zero


def minus_turns(value: float, turns: float) -> float:
    return value - turns * 2 * math.pi


def take(value: float) -> float:
    return value


ADD = Operation(add, "$sum")
ADD_PRODUCT = Operation(add_product, r"$a + $b \cdot $c + $d")
ADD_PRODUCTS = Operation(add_products, r"$a \cdot $b + $c \cdot $d")
ANGLE = Operation(angle, r"\frac{$A}{10000^{$B / $C}}")
BLEND = Operation(blend, r"$a \cdot $b + (1 - $a) \cdot $c")
COSINE = Operation(math.cos, r"\cos($A)")
DIVIDE = Operation(operator.truediv, r"\frac{$A}{$B}")
DIVIDE_BY_ROOT = Operation(divide_by_root, r"\frac{$A}{\sqrt{$B}}")
EXPONENTIAL_BELOW = Operation(exponential_below, "e^{$A - $b}")
LARGEST = Operation(largest, r"\max($list)")
MINUS_TURNS = Operation(minus_turns, r"$A - $b \cdot 2 \pi")
MULTIPLY = Operation(operator.mul, r"$a \cdot $b")
NORMALISE = Operation(normalise, r"\frac{$A - $b}{\sqrt{$C + $d}}")
RELU = Operation(relu, r"\max(0,\ $A)")
SCALE_AND_SHIFT = Operation(scale_and_shift, r"$b \cdot $a + $c")
SIGMOID = Operation(sigmoid, r"\frac{1}{1 + e^{-$a}}")
SINE = Operation(math.sin, r"\sin($A)")
TAKE = Operation(take, "$A")
TANH = Operation(math.tanh, r"\tanh($A)")
