"""The arithmetic of any cell of the picture: also of those that are one line on the way to a box's value.

Lines of our own code that are shown on a page: a whole function, or single statements of it.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from complex_lstm.arithmetic import Constant, Derivation, Line, Ref, Sum
from complex_lstm.arithmetic.derivation import given
from complex_lstm.arithmetic.operations import Operation
from complex_lstm.ui.views.tour.human_terms import work_out_terms
from complex_lstm.ui.views.tour.sheets import SCALING, TERMS, Sheet
from complex_lstm.ui.views.tour.window import TourWindow

STANDARDISE = Operation(lambda value, mean, spread: (value - mean) / spread, r"\frac{$A - $b}{$C}")
SUBTRACT = Operation(lambda value, less: value - less, "$A - $b")
ADD_AND_DIVIDE = Operation(lambda first, second, by: (first + second) / by, r"\frac{$A + $b}{$C}")


def work_out_cell(window: TourWindow, sheet: Sheet, row: int, column: int) -> Derivation:
    """Return the arithmetic of one cell of a sheet.

    Raises:
        ExplanationError: see `derive`.
    """
    place = sheet.place(row, column)
    if sheet.kind == SCALING:
        return _scaled(window, *place.at)
    if sheet.kind == TERMS:
        return work_out_terms(window, *place.at)
    working = window.working(place)
    return ending_at(working, sheet.until, f"{working.name}: {sheet.label}", float(sheet.values[row, column])) if sheet.until else working


def ending_at(working: Derivation, symbol: str, name: str, traced: float) -> Derivation:
    """Return the lines that lead to one of them, with what the model computed there."""
    return replace(working, name=name, lines=tuple(_leading_to(working.lines, symbol)), traced=traced)


def _leading_to(lines: tuple[Sum | Line, ...], symbol: str) -> Iterator[Sum | Line]:
    """Yield, in their order, the lines that a line needs, and the line itself."""
    needed = {symbol}
    for line in reversed(lines):
        if line.symbol in needed and isinstance(line, Line):
            needed |= {operand.symbol for operand in line.operands if isinstance(operand, Ref)}
    yield from (line for line in lines if line.symbol in needed)


def _scaled(window: TourWindow, step: int, feature: int) -> Derivation:
    """Return how a value of the file becomes what the model sees. An empty cell has been filled before that."""
    scaling, name = window.scene.dataset.scaling, window.features[feature]
    seen, mean, spread = float(window.x[0, step, feature]), scaling.feature_mean[feature], scaling.feature_std[feature]
    written = float(window.scene.values[step, feature])
    label = "in the file"
    if np.isnan(written):
        written, label = seen * spread + mean, "filled in for an empty cell"
    away = given(label, "v_{t,f}", written), given("mean in training", r"\mu_f", mean)
    deviation = given("standard deviation", r"\sigma_f", spread)
    whole = Derivation(
        site="Series",
        name=f"{name}, step {step}, as the model sees it",
        formula=r"x_{t,f} = \frac{v_{t,f} - \mu_f}{\sigma_f}",
        lines=(Line("x_{t,f}", "in standard deviations from its mean", STANDARDISE, (*away, deviation)),),
        traced=seen,
        source="complex_lstm.data.scaling:scale",
    )
    return whole if whole.agrees else replace(whole, lines=_in_parts(written, mean, deviation))


def _in_parts(written: float, mean: float, deviation: Constant) -> tuple[Line, ...]:
    """Return the same for a value that is so much larger than the deviation that seven digits of it are too few."""
    wholes = given("the value's whole part", "V", np.floor(written)), given("the mean's", "M", np.floor(mean))
    rests = given("the value's rest", "v", written - np.floor(written)), given("the mean's", "m", mean - np.floor(mean))
    return (
        Line("w", "the whole parts, one less the other", SUBTRACT, wholes),
        Line("r", "what is behind their points", SUBTRACT, rests),
        Line("x_{t,f}", "in standard deviations from its mean", ADD_AND_DIVIDE, (Ref("w"), Ref("r"), deviation)),
    )


@dataclass(frozen=True)
class Excerpt:
    """What is named "module:name", or only the statements in it that contain one of some texts. `note` says what it is to the model."""

    source: str
    containing: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The dotted name of what it is from."""
        return self.source.replace(":", ".")

    @property
    def code(self) -> str:
        """The lines as they stand in our code."""
        code = textwrap.dedent(inspect.getsource(pkgutil.resolve_name(self.source)))
        return "\n".join(self._chosen(code)) if self.containing else code.rstrip()

    def _chosen(self, code: str) -> Iterator[str]:
        """Yield the simple statements that contain one of the texts, in their order."""
        lines = code.splitlines()
        statements = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
        for node in sorted(statements, key=lambda one: one.lineno):
            written = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if any(text in written for text in self.containing):
                yield textwrap.dedent(written)


def excerpt(source: str, *containing: str, note: str = "") -> Excerpt:
    """Return an excerpt: without texts the whole."""
    return Excerpt(source, containing, note)
