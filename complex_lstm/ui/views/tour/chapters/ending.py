"""Pages 14 to 17: pooling, the ensemble heads, the prediction, and what it means in probabilities or units."""

from __future__ import annotations

import numpy as np

from complex_lstm.model.sites import site_before_block
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.arithmetic import probability_formula
from complex_lstm.ui.views.tour.chapter import Chapter, NumericAnswer, Question, StartCell, excerpt, largest
from complex_lstm.ui.views.tour.sheets import POOLS, TERMS_LABEL
from complex_lstm.ui.views.tour.window import TourWindow

FORWARD = "complex_lstm.model.network:ComplexLSTMModel.forward"
ENSEMBLE = "complex_lstm.model.ensemble"


def _ask_when(window: TourWindow) -> Question:
    channel = int(window.trace.pooled_max[0].argmax())
    pooled = window.trace.at(site_before_block(len(window.trace.lstm)))[0]  # (time, channel)
    return Question(
        f"At which step does channel {channel} have its largest value, which the maximum keeps?",
        NumericAnswer(int(pooled[:, channel].numpy().argmax())),
        "The arithmetic of the marked cell names the steps of the largest and the second largest value. Or look for it in the row of the "
        "last box over time.",
        "The maximum keeps the value and not its time: events at other times can have the same maximum.",
    )


def _distances(window: TourWindow) -> np.ndarray:
    """Return how far each ensemble head is from the mean of the others, in the explained output."""
    outputs = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    return np.abs(outputs - (outputs.sum() - outputs) / (len(outputs) - 1))


def _place(window: TourWindow) -> str:
    return f"the marked column (output {window.target + 1} of {len(window.outputs)})"


def _ask_furthest(window: TourWindow) -> Question:
    outputs = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    return Question(
        f"In {_place(window)}, which ensemble head is furthest from the mean of the other two?",
        largest(tuple(f"ensemble head {number + 1}" for number in range(len(outputs))), _distances(window)),
        "The cells of the box show their values.",
        f"Here they differ by up to {np.ptp(outputs):.3g}, which is no fault: they are trained through the combiner only, which may read a "
        "head with the opposite sign. One head alone is no prediction.",
    )


def _ask_prediction(window: TourWindow) -> Question:
    prediction = window.trace.prediction[0].numpy()
    hint = "Open the box “Scale, prediction”: its cells show their values."
    if window.scene.is_classes:
        because = "The class with the largest output is predicted. The next page shows the outputs as probabilities."
        return Question("Which class does the model predict?", largest(window.outputs, prediction), hint, because)
    value = float(prediction[window.target])
    return Question(
        f"What is the prediction in {_place(window)}, in the model's scale (two digits)?",
        NumericAnswer(value, 0.01 + 0.01 * abs(value)),
        hint,
        f"The scale is {window.scene.dataset.whose} standard deviations of the targets. The next page shows the value in the file's unit.",
    )


def _describe_terms(window: TourWindow) -> str:
    if window.scene.is_classes:
        divided = (
            "" if window.scene.temperature == 1 else f"The outputs are divided by a temperature of {window.scene.temperature:.3g} first. "
        )
        return divided + (
            "A softmax turns the outputs into probabilities that add up to 1. They are the model's own confidence, and no promise of how "
            "often it is right. This is the end of the model."
        )
    change = "The model has learned the change since the window's last step, so that step's value is added. "
    return (
        f"The output is in {window.scene.dataset.whose} standard deviations of the targets: times that deviation, plus the mean, it is in "
        "the file's unit. "
        f"{change if window.scene.dataset.window.as_change else ''}This is the end of the model."
    )


def _terms_formula(window: TourWindow) -> str:
    if window.scene.is_classes:
        return probability_formula(window.scene.temperature)
    return r"v = \hat y\, \sigma + \mu" + (r" + v_{\mathrm{last}}" if window.scene.dataset.window.as_change else "")


def _ask_terms(window: TourWindow) -> Question:
    value = float(predicted_values(window.scene)[window.target])
    hint = f"The sheet “{TERMS_LABEL[window.scene.is_classes]}” of the last box shows it, and so does the last line of the arithmetic."
    if window.scene.is_classes:
        words = f"Which probability does the model give to the class in {_place(window)}, in percent? Answers within one point are right."
        return Question(words, NumericAnswer(100 * value, 1), hint, "The page Explain shows the same as a bar.")
    return Question(
        f"What is predicted in {_place(window)}, in the file's unit? Answers within a hundredth are right.",
        NumericAnswer(value, max(0.01 * abs(value), 0.01 * window.scene.dataset.scaling.target_std[window.target])),
        hint,
        "The page Explain shows the same with its unit, beside the last value and, where it is known, the true value.",
    )


ENDING = (
    Chapter(
        "From all steps to one vector",
        "Three summaries remove the time axis: the mean describes the whole window, the maximum whether something happened anywhere in "
        "it, the last step how it ended.",
        "Choose a cell of each row, and see in its arithmetic how many steps of the window it needs.",
        r"v = \Big[\tfrac{1}{T} \textstyle\sum_t h_t;\ \max_t h_t;\ h_{T-1}\Big]",
        (
            excerpt(FORWARD, "pooled_", "pooled ="),
            excerpt(f"{ENSEMBLE}:MeanPool.forward", "h.mean"),
            excerpt(f"{ENSEMBLE}:MaxPool.forward", "amax"),
            excerpt(f"{ENSEMBLE}:last_step", "h[:, -1]"),
        ),
        lambda window: StartCell("Mean | max | last", 0, POOLS.index("max"), int(window.trace.pooled_max[0].argmax())),
        _ask_when,
        is_askable=lambda window: window.steps > 1,
    ),
    Chapter(
        "Three ensemble heads that disagree",
        "Three small networks read the same vector, and each computes its own outputs. They may disagree widely, and the model may still "
        "be right.",
        "Read the three rows of the marked column. Then open the combiner: to which of the three is it closest?",
        r"y^{(m)} = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3",
        (excerpt(f"{ENSEMBLE}:output_head"),),
        lambda window: StartCell("Ensemble heads", 0, int(_distances(window).argmax()), window.target),
        _ask_furthest,
    ),
    Chapter(
        "Combiner, scale, prediction",
        "A last small network combines the outputs of the three ensemble heads, and one learned number scales the result. That is the "
        "prediction in the model's scale.",
        "Choose a cell of the combiner, then the same cell of the prediction: the last line of its arithmetic is the scale.",
        r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1\, [y^{(1)};\, y^{(2)};\, y^{(3)}] + b_1) + b_2\big)",
        (excerpt(f"{ENSEMBLE}:combiner"), excerpt(FORWARD, "self.gradient_scale")),
        lambda window: StartCell("Combiner", 0, 0, window.target),
        _ask_prediction,
    ),
    Chapter(
        "What the prediction means",
        _describe_terms,
        "Follow the arithmetic of the marked cell to its last line, then open the page Explain: it shows the same number.",
        _terms_formula,
        lambda window: (
            excerpt("complex_lstm.inference:softmax" if window.scene.is_classes else "complex_lstm.data.scaling:unscale_targets"),
        ),
        lambda window: StartCell("Scale, prediction", 1, 0, window.target),
        _ask_terms,
    ),
)
