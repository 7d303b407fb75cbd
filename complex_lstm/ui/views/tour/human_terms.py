"""What the outputs mean outside the model: a class's probability, or a value in the file's unit."""

from __future__ import annotations

import numpy as np

from complex_lstm.arithmetic import Derivation, Line, Ref, Sum
from complex_lstm.arithmetic.derivation import given
from complex_lstm.arithmetic.linear import sum_of_products
from complex_lstm.arithmetic.operations import ADD, DIVIDE, EXPONENTIAL_BELOW, SCALE_AND_SHIFT
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.window import TourWindow

HUMAN_TERMS = {True: "probability", False: "in the file's unit"}  # what the sheet is called: of classes, or of values
MOST = 6  # classes whose terms are written out


def in_human_terms(window: TourWindow) -> np.ndarray:
    """Return the prediction as the Predict page shows it."""
    return predicted_values(window.scene)


def work_out_terms(window: TourWindow, output: int) -> Derivation:
    """Return how an output becomes what it means outside the model."""
    whole = _probability(window, output) if window.scene.is_classes else _value(window, output)
    return whole.shortened(MOST)


def _probability(window: TourWindow, output: int) -> Derivation:
    logits = window.trace.prediction[0].double().numpy()
    top = int(logits.argmax())
    largest = given(f"the largest output, {window.outputs[top]}", "m", logits[top])
    powers = np.exp(logits - logits[top])
    return Derivation(
        site="Human terms",
        name=f"probability of {window.outputs[output]}",
        formula=r"p_o = \frac{e^{\hat y_o - m}}{\sum_j e^{\hat y_j - m}},\quad m = \max_j \hat y_j",
        lines=(
            Line("u", "raised, below the largest output", EXPONENTIAL_BELOW, (given("its output", r"\hat y_o", logits[output]), largest)),
            sum_of_products(r"\Sigma", "the same of every class", r"\sum_j e^{\hat y_j - m}", window.outputs, powers, np.ones_like(powers)),
            Line("p_o", "its share of the whole", DIVIDE, (Ref("u"), Ref(r"\Sigma"))),
        ),
        traced=float(in_human_terms(window)[output]),
        source="complex_lstm.inference:softmax",
    )


def _value(window: TourWindow, output: int) -> Derivation:
    scaling, dataset = window.scene.dataset.scaling, window.scene.dataset
    what = "change" if dataset.window.as_change else "value"
    learned = (
        given("standard deviation in training", r"\sigma", scaling.target_std[output]),
        given("mean in training", r"\mu", scaling.target_mean[output]),
    )
    said = given("the output", r"\hat y", float(window.trace.prediction[0, output]))
    unscaled = Line("d" if what == "change" else "v", f"the {what} in the file's unit", SCALE_AND_SHIFT, (said, *learned))
    lines: tuple[Sum | Line, ...] = (unscaled,)
    if what == "change":
        last = given("the value at the window's last step", r"v_{\mathrm{last}}", dataset.windows.last[window.scene.number, output])
        lines = (unscaled, Line("v", "added to the last value", ADD, (last, Ref("d"))))
    return Derivation(
        site="Human terms",
        name=f"{window.outputs[output]}, in the file's unit",
        formula=r"v = \hat y\, \sigma + \mu" + (r" + v_{\mathrm{last}}" if what == "change" else ""),
        lines=lines,
        traced=float(in_human_terms(window)[output]),
        source="complex_lstm.data.scaling:unscale_targets",
    )
