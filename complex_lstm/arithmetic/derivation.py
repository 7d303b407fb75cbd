"""A value written out: the lines of its arithmetic, and what they come to."""

from __future__ import annotations

import inspect
import math
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import SupportsFloat

from complex_lstm.arithmetic.operations import Operation, as_written, bracketed, digits

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Term:
    """One product of a sum, a times b, with the name of what a is. b is 1 where a is only added."""

    name: str
    a: float
    b: float

    @property
    def product(self) -> float:
        return self.a * self.b


@dataclass(frozen=True)
class Others:
    """What the terms that are not written out add up to."""

    count: int
    product: float

    @property
    def name(self) -> str:
        return "the other term" if self.count == 1 else f"the other {self.count} terms"


@dataclass(frozen=True)
class Constant:
    """A number that is looked up and not worked out here: a weight, or a value that an earlier box has computed."""

    name: str
    symbol: str
    value: float


@dataclass(frozen=True)
class Ref:
    """The result of an earlier line, which is called by this symbol."""

    symbol: str


@dataclass(frozen=True)
class Sum:
    """A line that adds up products. `symbol` (unique in a working) and `general`, the sum in symbols, are LaTeX."""

    symbol: str
    label: str
    general: str
    terms: tuple[Term, ...]
    others: Others

    def work_out(self, earlier: Mapping[str, float]) -> float:
        """Return the sum of what is shown. Ref lines do not matter to it."""
        return math.fsum([*(term.product for term in self.terms), self.others.product])

    def in_digits(self, earlier: Mapping[str, float]) -> str:
        """Return the sum in LaTeX with its digits."""
        shown = [_product(term) for term in self.terms]
        if self.others.count:
            shown.append(rf"\underbrace{{{bracketed(digits(self.others.product))}}}_{{\text{{{self.others.name}}}}}")
        return " + ".join(shown) or "0"

    def shortened(self, most: int) -> Sum:
        """Return the sum with its largest products written out, at most so many, and the others added up."""
        ordered = sorted(self.terms, key=lambda term: -abs(term.product))
        left_out = [*(term.product for term in ordered[most:]), self.others.product]
        others = Others(self.others.count + len(ordered[most:]), as_written(math.fsum(left_out)))
        return replace(self, terms=tuple(ordered[:most]), others=others)


@dataclass(frozen=True)
class Line:
    """A line that does one thing with given numbers and results of earlier lines. `symbol` is LaTeX, unique in a working."""

    symbol: str
    label: str
    operation: Operation
    operands: tuple[Constant | Ref, ...]

    @property
    def general(self) -> str:
        """The operation in LaTeX with its symbols."""
        return self.operation.write([operand.symbol for operand in self.operands])

    def work_out(self, earlier: Mapping[str, float]) -> float:
        """Return the result, from the given numbers and from what the earlier lines have come to."""
        return self.operation.compute(*self._values(earlier))

    def in_digits(self, earlier: Mapping[str, float]) -> str:
        """Return the operation in LaTeX with its digits."""
        return self.operation.write([digits(value) for value in self._values(earlier)])

    def shortened(self, most: int) -> Line:
        """Return the line as it is: it has no terms to leave out."""
        return self

    def _values(self, earlier: Mapping[str, float]) -> list[float]:
        return [operand.value if isinstance(operand, Constant) else earlier[operand.symbol] for operand in self.operands]


@dataclass(frozen=True)
class Written:
    """A line ready to be shown: in symbols and in digits (both LaTeX, each an equation), and its result."""

    line: Sum | Line
    in_symbols: str
    in_digits: str
    result: float


@dataclass(frozen=True)
class Derivation:
    """One value of a box, worked out line by line. The last line's result must be `traced`, what the model computed.

    Given numbers are rounded to the digits that are written, and results are carried on in full. The model computes in
    float32, so the two differ in the seventh digit or so. `formula` is the value in LaTeX, in general; `source` is
    "module:name" of the code of ours that computes it.
    """

    site: str
    name: str
    formula: str
    lines: tuple[Sum | Line, ...]
    traced: float
    source: str

    def recomputed(self) -> float:
        """Return what the lines come to, from nothing but the numbers that are shown in them."""
        return self.written()[-1].result

    def written(self) -> tuple[Written, ...]:
        """Return every line ready to be shown."""
        found: dict[str, float] = {}
        lines = []
        for line in self.lines:
            result = line.work_out(found)
            in_digits = f"{line.symbol} = {line.in_digits(found)} = {digits(result)}"
            lines.append(Written(line, f"{line.symbol} = {line.general}", in_digits, result))
            found[line.symbol] = result
        return tuple(lines)

    def shortened(self, most: int) -> Derivation:
        """Return the same with at most so many terms of each sum written out."""
        return replace(self, lines=tuple(line.shortened(most) for line in self.lines))

    @property
    def agrees(self) -> bool:
        """Whether the numbers shown come to the traced value, to 1e-5 of it where it is above 1."""
        return abs(self.recomputed() - self.traced) <= TOLERANCE * max(1.0, abs(self.traced))

    @property
    def code(self) -> str:
        """The lines of our code that compute the value in the model."""
        return inspect.getsource(pkgutil.resolve_name(self.source))


def given(name: str, symbol: str, value: SupportsFloat) -> Constant:
    """Return a number to look up, to as many digits as are written."""
    return Constant(name, symbol, as_written(float(value)))


def _product(term: Term) -> str:
    factors = [term.a] if term.b == 1 else [term.a, term.b]
    return r" \cdot ".join(bracketed(digits(factor)) for factor in factors)
