"""Pages 14 to 17: from all steps to one vector, three heads, the prediction, and what it means outside the model."""

from __future__ import annotations

import numpy as np

from complex_lstm.ui.views.tour.arithmetic import Excerpt, excerpt
from complex_lstm.ui.views.tour.chapter import Chapter, Look, Number, Question, largest
from complex_lstm.ui.views.tour.human_terms import HUMAN_TERMS, in_human_terms
from complex_lstm.ui.views.tour.tensors import POOLS
from complex_lstm.ui.views.tour.window import TourWindow

FORWARD = "complex_lstm.model.network:ComplexLSTMModel.forward"
ENSEMBLE = "complex_lstm.model.ensemble"


def _before_pooling(window: TourWindow) -> np.ndarray:
    """Return what is pooled, (time, channel)."""
    trace = window.trace
    after_attention = len(trace.attended) * 2 == len(trace.lstm)
    return (trace.attended[-1] if after_attention else trace.lstm[-1])[0].numpy()


def _largest_max(window: TourWindow) -> Look:
    return Look("Mean | max | last", 0, POOLS.index("max"), int(window.trace.pooled_max[0].argmax()))


def _ask_when(window: TourWindow) -> Question:
    channel = _largest_max(window).column
    return Question(
        f"At which step did channel {channel} reach its largest value, the one that the maximum keeps?",
        Number(int(_before_pooling(window)[:, channel].argmax())),
        "The arithmetic of the marked cell names the winner and the runner-up. Or look for it in the row of the last box over time.",
        "The maximum keeps the value and forgets when it was: events at other times can have the same maximum.",
    )


def _heads(window: TourWindow) -> Look:
    return Look("Three heads", 0, int(_distances(window).argmax()), window.target)


def _distances(window: TourWindow) -> np.ndarray:
    """Return how far each ensemble head is from the mean of the others, in the explained output."""
    said = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    return np.abs(said - (said.sum() - said) / (len(said) - 1))


def _place(window: TourWindow) -> str:
    return f"the marked column (output {window.target + 1} of {len(window.outputs)})"


def _ask_furthest(window: TourWindow) -> Question:
    said = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    return Question(
        f"In {_place(window)}, which ensemble head is furthest from the mean of the other two?",
        largest(tuple(f"ensemble head {member + 1}" for member in range(len(said))), _distances(window)),
        "The cells of the box show their values.",
        f"They are {np.ptp(said):.3g} apart here, and that is no fault: they are trained through the combiner alone, which is free to "
        "read a head upside down. One head alone is no prediction.",
    )


def _combined(window: TourWindow) -> Look:
    return Look("Combiner", 0, 0, window.target)


def _ask_prediction(window: TourWindow) -> Question:
    prediction = window.trace.prediction[0].numpy()
    hint = "Open the box “Scale, prediction”: its cells show their values."
    if window.scene.is_classes:
        because = "The largest output wins. What the outputs are as probabilities is on the next page."
        return Question("Which class does the model predict?", largest(window.outputs, prediction), hint, because)
    value = float(prediction[window.target])
    return Question(
        f"What is the prediction of {_place(window)}, in the model's own scale (two digits)?",
        Number(value, 0.01 + 0.01 * abs(value)),
        hint,
        "It is counted in standard deviations of what the model has learned. What it is in the file's unit is on the next page.",
    )


def _say_terms(window: TourWindow) -> str:
    if window.scene.is_classes:
        return (
            "A softmax turns the outputs into shares of one whole, which are read as probabilities. They are the model's own confidence, "
            "and no promise of how often it is right. With this the model is done."
        )
    change = "The model has learned the change since the window's last step, so that step's value is added. "
    return (
        "The output counts standard deviations of what was learned: times that deviation, plus the mean, it is in the file's unit. "
        f"{change if window.scene.dataset.window.as_change else ''}With this the model is done."
    )


def _terms_formula(window: TourWindow) -> str:
    if window.scene.is_classes:
        return r"p_o = \frac{e^{\hat y_o - m}}{\sum_j e^{\hat y_j - m}},\quad m = \max_j \hat y_j"
    return r"v = \hat y\, \sigma + \mu" + (r" + v_{\mathrm{last}}" if window.scene.dataset.window.as_change else "")


def _terms_code(window: TourWindow) -> tuple[Excerpt, ...]:
    return (excerpt("complex_lstm.inference:softmax" if window.scene.is_classes else "complex_lstm.data.scaling:unscale_targets"),)


def _ask_terms(window: TourWindow) -> Question:
    value = float(in_human_terms(window)[window.target])
    hint = f"The sheet “{HUMAN_TERMS[window.scene.is_classes]}” of the last box shows it, and the arithmetic comes to it in its last line."
    if window.scene.is_classes:
        words = f"Which probability does the model give to the class of {_place(window)}, in percent? One more or less is right."
        return Question(words, Number(100 * value, 1), hint, "The Predict page shows the same, as a bar.")
    return Question(
        f"What is predicted for {_place(window)}, in the file's unit? A hundredth of it more or less is right.",
        Number(value, max(0.01 * abs(value), 0.01 * window.scene.dataset.scaling.target_std[window.target])),
        hint,
        "The Predict page shows the same, with its unit, beside the last value and, where it is known, what came true.",
    )


ENDING = (
    Chapter(
        "From all steps to one vector",
        "Three summaries leave time behind: the mean says what the window is like, the maximum whether something happened anywhere, the "
        "last step where it ended.",
        "Choose a cell of each row, and see in its arithmetic how much of the window it needs.",
        r"v = \Big[\tfrac{1}{T} \textstyle\sum_t h_t;\ \max_t h_t;\ h_{T-1}\Big]",
        (
            excerpt(FORWARD, "pooled_", "pooled ="),
            excerpt(f"{ENSEMBLE}:MeanPool.forward", "h.mean"),
            excerpt(f"{ENSEMBLE}:MaxPool.forward", "amax"),
            excerpt(f"{ENSEMBLE}:last_step", "h[:, -1]"),
        ),
        _largest_max,
        _ask_when,
        asks=lambda window: window.steps > 1,
    ),
    Chapter(
        "Three heads that disagree",
        "Three small networks read the same vector, and each says what it makes of it. They may disagree wildly, and the model may still "
        "be right.",
        "Read the three rows of a column. Then look at the combiner's box: how far is it from each of them?",
        r"y^{(m)} = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3",
        (excerpt(f"{ENSEMBLE}:output_head"),),
        _heads,
        _ask_furthest,
    ),
    Chapter(
        "Combiner, scale, prediction",
        "A last small network weighs what the three heads say, and one learned number scales the result. That is the prediction, in the "
        "model's own scale.",
        "Choose a cell of the combiner, then the same one of the prediction: the last line of the arithmetic is the scale.",
        r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1\, [y^{(1)};\, y^{(2)};\, y^{(3)}] + b_1) + b_2\big)",
        (excerpt(f"{ENSEMBLE}:combiner"), excerpt(FORWARD, "self.gradient_scale")),
        _combined,
        _ask_prediction,
    ),
    Chapter(
        "What it means outside the model",
        _say_terms,
        "Follow the arithmetic of the marked cell to its last line, then look at the Predict page: the same number stands there.",
        _terms_formula,
        _terms_code,
        lambda window: Look("Scale, prediction", 1, 0, window.target),
        _ask_terms,
    ),
)
