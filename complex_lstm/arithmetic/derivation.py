"""A value derived line by line: the lines of its arithmetic, and their results."""

from __future__ import annotations

import inspect
import math
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import SupportsFloat

from complex_lstm.arithmetic.operations import Operation, as_written, bracketed, digits

TOLERANCE = 1e-5


INPUT = "Input"  # the window itself, at (step, feature): nothing in the model leads to it


@dataclass(frozen=True)
class ValueIndex:
    """Which value is derived: the name of its kind of site, an index for each of its axes, and the window of the batch."""

    site: str
    at: tuple[int, ...]
    window: int = 0


@dataclass(frozen=True)
class Term:
    """One product of a sum, a times b, with the name of what a is. b is 1 where a is only added.

    `of_a` and `of_b` say where the model has computed a and b; a weight has no such place.
    """

    name: str
    a: float
    b: float
    of_a: ValueIndex | None = None
    of_b: ValueIndex | None = None

    @property
    def product(self) -> float:
        return self.a * self.b

    def in_digits(self) -> str:
        """Return the product in LaTeX with its digits."""
        factors = [self.a] if self.b == 1 else [self.a, self.b]
        return r" \cdot ".join(bracketed(digits(factor)) for factor in factors)


@dataclass(frozen=True)
class OmittedTerms:
    """How many terms of a sum are not written out, and their sum."""

    count: int
    product: float

    @property
    def name(self) -> str:
        return "the other term" if self.count == 1 else f"the other {self.count} terms"


@dataclass(frozen=True)
class Constant:
    """A number that is given: a weight, or a value that the model has computed at an earlier site, `of`."""

    name: str
    symbol: str
    value: float
    of: ValueIndex | None = None


@dataclass(frozen=True)
class Ref:
    """The result of an earlier line, referred to by the line's symbol."""

    symbol: str


@dataclass(frozen=True)
class Sum:
    """A line that adds up products. `symbol` (unique in a derivation) and `general`, the sum in symbols, are LaTeX."""

    symbol: str
    label: str
    general: str
    terms: tuple[Term, ...]
    omitted: OmittedTerms

    def evaluate(self, earlier: Mapping[str, float]) -> float:
        """Return the sum. It depends on no earlier line."""
        return math.fsum([*(term.product for term in self.terms), self.omitted.product])

    def in_digits(self, earlier: Mapping[str, float]) -> str:
        """Return the sum in LaTeX with its digits."""
        shown = [term.in_digits() for term in self.terms]
        if self.omitted.count:
            shown.append(rf"\underbrace{{{bracketed(digits(self.omitted.product))}}}_{{\text{{{self.omitted.name}}}}}")
        return " + ".join(shown) or "0"

    def shortened(self, most: int) -> Sum:
        """Return the sum with at most so many terms written out, those of the largest products, and the others added up."""
        ordered = sorted(self.terms, key=lambda term: -abs(term.product))
        left_out = [*(term.product for term in ordered[most:]), self.omitted.product]
        omitted = OmittedTerms(self.omitted.count + len(ordered[most:]), as_written(math.fsum(left_out)))
        return replace(self, terms=tuple(ordered[:most]), omitted=omitted)


@dataclass(frozen=True)
class Line:
    """A line that does one operation on given numbers and results of earlier lines. `symbol` is LaTeX, unique in a derivation."""

    symbol: str
    label: str
    operation: Operation
    operands: tuple[Constant | Ref, ...]

    @property
    def general(self) -> str:
        """The operation in LaTeX with its symbols."""
        return self.operation.write([operand.symbol for operand in self.operands])

    def evaluate(self, earlier: Mapping[str, float]) -> float:
        """Return the result, from the given numbers and the results of earlier lines by their symbols."""
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
class FormattedLine:
    """A line ready to be shown: in symbols and in digits (both LaTeX, each an equation), and its result."""

    line: Sum | Line
    in_symbols: str
    in_digits: str
    result: float


@dataclass(frozen=True)
class Derivation:
    """One value of a forward pass, derived line by line. The last line's result must be `traced`, what the model computed.

    Given numbers are rounded to the digits that are written, and results are carried on in full. The model computes in
    float32, so the two differ in about the seventh digit. `formula` is the value in LaTeX, in general; `source` is
    "module:name" of the code in this package that computes it.
    """

    site: str
    name: str
    formula: str
    lines: tuple[Sum | Line, ...]
    traced: float
    source: str

    def recomputed(self) -> float:
        """Return the last line's result, from nothing but the numbers that are shown in the lines."""
        return self.formatted()[-1].result

    def formatted(self) -> tuple[FormattedLine, ...]:
        """Return every line ready to be shown."""
        found: dict[str, float] = {}
        lines = []
        for line in self.lines:
            result = line.evaluate(found)
            in_digits = f"{line.symbol} = {line.in_digits(found)} = {digits(result)}"
            lines.append(FormattedLine(line, f"{line.symbol} = {line.general}", in_digits, result))
            found[line.symbol] = result
        return tuple(lines)

    def shortened(self, most: int) -> Derivation:
        """Return the same with at most so many terms of each sum written out."""
        return replace(self, lines=tuple(line.shortened(most) for line in self.lines))

    @property
    def origins(self) -> tuple[tuple[str, ValueIndex], ...]:
        """The values that stand in the lines and were computed earlier, with their names: each has a derivation of its own."""
        found: dict[ValueIndex, str] = {}
        for line in self.lines:
            if isinstance(line, Sum):
                named = [(term.name, of) for term in line.terms for of in (term.of_a, term.of_b)]
            else:
                named = [(one.name, one.of) for one in line.operands if isinstance(one, Constant)]
            for name, of in named:
                if of is not None:
                    found.setdefault(of, name)
        return tuple((name, of) for of, name in found.items())

    @property
    def agrees(self) -> bool:
        """Whether the numbers shown give the traced value: to 1e-5, and to 1e-5 of it where it is above 1."""
        return abs(self.recomputed() - self.traced) <= TOLERANCE * max(1.0, abs(self.traced))

    @property
    def code(self) -> str:
        """The source code that computes the value in the model."""
        return inspect.getsource(pkgutil.resolve_name(self.source))


def given(name: str, symbol: str, value: SupportsFloat, of: ValueIndex | None = None) -> Constant:
    """Return a given number, rounded to the digits that are written, and where the model has computed it."""
    return Constant(name, symbol, as_written(float(value)), of)
