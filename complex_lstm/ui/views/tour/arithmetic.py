"""The arithmetic of any cell of the picture: of the model's values, and of what stands before and after the model."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from complex_lstm.arithmetic import Constant, Derivation, Line, Ref, ValueIndex
from complex_lstm.arithmetic.derivation import given
from complex_lstm.arithmetic.linear import sum_of_products
from complex_lstm.arithmetic.operations import ADD, DIVIDE, EXPONENTIAL_BELOW, SCALE_AND_SHIFT, Operation
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.sheets import SCALING, TERMS, Sheet
from complex_lstm.ui.views.tour.window import TourWindow

STANDARDISE = Operation(lambda value, mean, deviation: (value - mean) / deviation, r"\frac{$A - $b}{$C}")
SUBTRACT = Operation(lambda value, subtrahend: value - subtrahend, "$A - $b")
ADD_AND_DIVIDE = Operation(lambda first, second, by: (first + second) / by, r"\frac{$A + $b}{$C}")
MOST = 6  # classes whose terms are written out


def derive_cell(window: TourWindow, sheet: Sheet, row: int, column: int) -> Derivation:
    """Return the arithmetic of one cell of a sheet.

    Raises:
        ExplanationError: see `derive`.
    """
    place = sheet.place(row, column)
    if sheet.kind == SCALING:
        return _derive_scaling(window, *place.at)
    if sheet.kind == TERMS:
        return derive_terms(window, *place.at)
    derivation = window.derive(place)
    if not sheet.until:
        return derivation
    return ending_at(derivation, sheet.until, f"{derivation.name}: {sheet.label}", float(sheet.values[row, column]))


def ending_at(derivation: Derivation, symbol: str, name: str, traced: float) -> Derivation:
    """Return the lines that lead to an intermediate line, the one called `symbol`, with the value that the model computed there."""
    needed = {symbol}
    for line in reversed(derivation.lines):
        if line.symbol in needed and isinstance(line, Line):
            needed |= {operand.symbol for operand in line.operands if isinstance(operand, Ref)}
    return replace(derivation, name=name, lines=tuple(line for line in derivation.lines if line.symbol in needed), traced=traced)


def _derive_scaling(window: TourWindow, step: int, feature: int) -> Derivation:
    """Return how a value of the file becomes the model's input. An empty cell of the file was filled in before that."""
    dataset, name = window.scene.dataset, window.features[feature]
    scaling = dataset.scaling
    scaled, mean, spread = float(window.x[0, step, feature]), scaling.feature_mean[feature], scaling.feature_std[feature]
    value = float(window.scene.values[step, feature])
    label = "in the file"
    if np.isnan(value):
        value, label = scaled * spread + mean, "filled in for an empty cell"
    operands = given(label, "v_{t,f}", value), given(f"{dataset.whose} mean", r"\mu_f", mean)
    deviation = given("standard deviation", r"\sigma_f", spread)
    derivation = Derivation(
        site="Series",
        name=f"{name}, step {step}, scaled for the model",
        formula=r"x_{t,f} = \frac{v_{t,f} - \mu_f}{\sigma_f}",
        lines=(Line("x_{t,f}", "standard deviations from the mean", STANDARDISE, (*operands, deviation)),),
        traced=scaled,
        source="complex_lstm.data.scaling:scale",
    )
    return derivation if derivation.agrees else replace(derivation, lines=_scaling_in_parts(value, mean, deviation))


def _scaling_in_parts(value: float, mean: float, deviation: Constant) -> tuple[Line, ...]:
    """Return the same lines for a value that is so much larger than the deviation that its first seven digits do not suffice."""
    integers = given("integer part of the value", "V", np.floor(value)), given("integer part of the mean", "M", np.floor(mean))
    fractions = given("fraction of the value", "v", value - np.floor(value)), given("fraction of the mean", "m", mean - np.floor(mean))
    return (
        Line("w", "integer parts", SUBTRACT, integers),
        Line("r", "fractions", SUBTRACT, fractions),
        Line("x_{t,f}", "standard deviations from the mean", ADD_AND_DIVIDE, (Ref("w"), Ref("r"), deviation)),
    )


def derive_terms(window: TourWindow, output: int) -> Derivation:
    """Return how an output becomes the probability of a class, or a value in the file's unit."""
    derivation = _probability(window, output) if window.scene.is_classes else _value(window, output)
    return derivation.shortened(MOST)


def window_place(site: str, *at: int) -> ValueIndex:
    """Return the place of a value of the tour's window, the only one of its trace."""
    return ValueIndex(site, at)


def probability_formula(temperature: float) -> str:
    """Return the softmax in LaTeX, of outputs that are divided by a temperature where it is not 1."""
    if temperature == 1:
        return r"p_o = \frac{e^{\hat y_o - m}}{\sum_j e^{\hat y_j - m}},\quad m = \max_j \hat y_j"
    return r"p_o = \frac{e^{z_o - m}}{\sum_j e^{z_j - m}},\quad z_j = \hat y_j / T,\quad m = \max_j z_j"


def _probability(window: TourWindow, output: int) -> Derivation:
    heat = window.scene.temperature
    logits = window.trace.prediction[0].double().numpy()
    top, scaled = int(logits.argmax()), logits / heat
    place = partial(window_place, "Combiner")
    largest = given(
        f"the largest output, {window.outputs[top]}{'' if heat == 1 else ', divided by the temperature'}", "m", scaled[top], place(top)
    )
    powers = np.exp(scaled - scaled[top])
    cooled = Line(
        "z_o",
        "divided by the temperature",
        DIVIDE,
        (given("output", r"\hat y_o", logits[output], place(output)), given("temperature", "T", heat)),
    )
    own = given("output", r"\hat y_o", logits[output], place(output)) if heat == 1 else Ref("z_o")
    z = r"\hat y" if heat == 1 else "z"
    return Derivation(
        site="Human terms",
        name=f"probability of {window.outputs[output]}",
        formula=probability_formula(heat),
        lines=(
            *(() if heat == 1 else (cooled,)),
            Line("u", "exponential, relative to the largest", EXPONENTIAL_BELOW, (own, largest)),
            sum_of_products(
                r"\Sigma",
                "sum over all classes",
                rf"\sum_j e^{{{z}_j - m}}",
                window.outputs,
                powers,
                np.ones_like(powers),
                map(place, range(len(logits))),
            ),
            Line("p_o", "share of the sum", DIVIDE, (Ref("u"), Ref(r"\Sigma"))),
        ),
        traced=float(predicted_values(window.scene)[output]),
        source="complex_lstm.inference:softmax",
    )


def _value(window: TourWindow, output: int) -> Derivation:
    """Return how an output becomes a value. A model that has learned changes needs the last value added."""
    scaling, dataset = window.scene.dataset.scaling, window.scene.dataset
    as_change = dataset.window.as_change
    operands = (
        given("the output", r"\hat y", float(window.trace.prediction[0, output]), window_place("Combiner", output)),
        given(f"{dataset.whose} standard deviation", r"\sigma", scaling.target_std[output]),
        given(f"{dataset.whose} mean", r"\mu", scaling.target_mean[output]),
    )
    lines = [Line("d" if as_change else "v", f"the {'change' if as_change else 'value'} in the file's unit", SCALE_AND_SHIFT, operands)]
    if as_change:
        last = given("the value at the window's last step", r"v_{\mathrm{last}}", dataset.windows.last[window.scene.number, output])
        lines.append(Line("v", "added to the last value", ADD, (last, Ref("d"))))
    return Derivation(
        site="Human terms",
        name=f"{window.outputs[output]}, in the file's unit",
        formula=r"v = \hat y\, \sigma + \mu" + (r" + v_{\mathrm{last}}" if as_change else ""),
        lines=tuple(lines),
        traced=float(predicted_values(window.scene)[output]),
        source="complex_lstm.data.scaling:unscale_targets",
    )
