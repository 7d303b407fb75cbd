"""Pages 14 to 16: from all steps to one vector, three heads, and the prediction."""

from __future__ import annotations

import numpy as np

from complex_lstm.ui.tour.chapter import Chapter, Choice, Look, Number, Question
from complex_lstm.ui.tour.ending import POOLS
from complex_lstm.ui.tour.window import TourWindow


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
        "The maximum keeps the value and forgets when it was: two events at other times can make the same vector.",
    )


def _heads(window: TourWindow) -> Look:
    return Look("Three heads", 0, _furthest(window), window.target)


def _furthest(window: TourWindow) -> int:
    """Return the ensemble head that is furthest from the mean of the others, in the explained output."""
    said = window.trace.head_outputs[0, :, window.target].numpy()
    return int(np.abs(said - (said.sum() - said) / (len(said) - 1)).argmax())


def _ask_furthest(window: TourWindow) -> Question:
    said = window.trace.head_outputs[0, :, window.target].numpy()
    return Question(
        f"In the marked column (output {window.target + 1} of {len(window.outputs)}), which ensemble head is furthest from the mean of "
        "the other two?",
        Choice(tuple(f"ensemble head {member + 1}" for member in range(len(said))), _furthest(window)),
        "The cells of the box show their values.",
        f"They are {np.ptp(said):.3g} apart here, and that is no fault: they are trained through the combiner alone, which is free to "
        "read a head upside "
        "down. One head alone is no prediction.",
    )


def _combined(window: TourWindow) -> Look:
    return Look("Combiner", 0, 0, window.target)


def _ask_prediction(window: TourWindow) -> Question:
    prediction = window.trace.prediction[0].numpy()
    if window.scene.is_classes:
        answer: Choice | Number = Choice(window.outputs, int(prediction.argmax()))
        words, because = "Which class does the model predict?", "The largest output wins; a softmax turns all of them into probabilities."
    else:
        answer = Number(float(prediction[0]), 0.01 + 0.01 * abs(float(prediction[0])))
        words = "What is the prediction of the first output, in the model's own scale (two digits)?"
        because = "Times its target's standard deviation, plus the mean, it is in the file's unit."
    return Question(words, answer, "Open the box “Scale, prediction”: its cells show their values.", because)


ENDING = (
    Chapter(
        "From all steps to one vector",
        "Three summaries leave time behind: the mean says what the window is like, the maximum whether something happened anywhere, the "
        "last "
        "step where it ended.",
        "Choose a cell of each row, and see in its arithmetic how much of the window it needs.",
        r"v = \Big[\tfrac{1}{T} \textstyle\sum_t h_t;\ \max_t h_t;\ h_{T-1}\Big]",
        "complex_lstm.model.network:ComplexLSTMModel._combine",
        _largest_max,
        _ask_when,
    ),
    Chapter(
        "Three heads that disagree",
        "Three small networks read the same vector, and each says what it makes of it. They may disagree wildly, and the model may still "
        "be right.",
        "Read the three rows of a column. Then look at the combiner's box: how far is it from each of them?",
        r"y^{(m)} = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3",
        "complex_lstm.model.ensemble:output_head",
        _heads,
        _ask_furthest,
    ),
    Chapter(
        "Combiner, scale, prediction",
        "A last small network weighs what the three heads say, and one learned number scales the result. That is the prediction.",
        "Choose a cell of the combiner, then the same one of the prediction: the last line of the arithmetic is the scale.",
        r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1\, [y^{(1)};\, y^{(2)};\, y^{(3)}] + b_1) + b_2\big)",
        "complex_lstm.model.ensemble:combiner",
        _combined,
        _ask_prediction,
    ),
)
