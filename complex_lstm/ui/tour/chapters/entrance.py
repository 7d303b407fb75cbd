"""Pages 1 to 4: the window, the projection, what survives the ReLU, and the positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.ui.tour.chapter import Chapter, Choice, Look, Number, Question
from complex_lstm.ui.tour.window import TourWindow

MOST_OPTIONS = 6


def _first_cell(window: TourWindow) -> Look:
    """Look at the first cell that is known to decide, else at the one farthest from its mean."""
    cells = window.known if window.known.any() else np.abs(window.scene.inputs)
    step, feature = np.unravel_index(int(cells.argmax()), cells.shape)
    return Look("Series", row=int(feature), column=int(step))


def _ask_first(window: TourWindow) -> Question:
    if not window.known.any():
        return _ask_highest(window)
    deciding = np.nonzero(window.known.any(axis=0))[0]
    begins = window.known[:, deciding].argmax(axis=0)
    together = len(set(begins.tolist())) == 1
    options = (*(window.features[feature] for feature in deciding), "they begin together")
    return Question(
        "This series was made up, and its green cells decide the answer. In which feature do they begin first?",
        Choice(options, len(deciding) if together else int(begins.argmin())),
        "Compare where the green bands begin, from left to right.",
        "That is all that has to be found out here, and nothing in the other features matters. Whether the model does so is another "
        "question.",
    )


def _ask_highest(window: TourWindow) -> Question:
    highest = window.scene.inputs.max(axis=0)
    return Question(
        "Which feature reaches the highest point in this window?",
        _among(window.features, highest),
        "All lines are drawn in one scale: look for the one that fills its row upwards.",
        "Scaled values are counted in standard deviations from the feature's own mean, so features of all units can be compared.",
    )


def _among(names: tuple[str, ...], sizes: np.ndarray) -> Choice:
    """Return the choice of the name with the largest size, among those with the largest ones, in their own order."""
    kept = sorted(np.argsort(-sizes, kind="stable")[:MOST_OPTIONS].tolist())
    return Choice(tuple(names[number] for number in kept), kept.index(int(sizes.argmax())))


def _strongest_channel(window: TourWindow) -> Look:
    step = _first_cell(window).column
    return Look("Projection", row=int(window.trace.projected[0, step].argmax()), column=step)


def _ask_product(window: TourWindow) -> Question:
    look, linear = _strongest_channel(window), _linear(window)
    products = linear.weight[look.row].detach().cpu().numpy() * window.scene.inputs[look.column]
    return Question(
        f"Which feature has the largest product, plus or minus, in the sum of channel {look.row} at step {look.column}?",
        _among(window.features, np.abs(products)),
        "The arithmetic below writes the terms out, the largest first, with their names.",
        "A weight alone says little: what counts is the weight times what stands in the window now.",
    )


def _linear(window: TourWindow) -> Any:
    return window.model.input_proj[0]


def _silenced_channel(window: TourWindow) -> Look:
    step = _first_cell(window).column
    return Look("Projection", row=int(window.trace.projected[0, step].argmin()), column=step)


def _ask_zeros(window: TourWindow) -> Question:
    share = 100 * float((window.trace.projected == 0).float().mean())
    return Question(
        "How much of the projected picture is exactly zero, in percent? Ten points more or less are right.",
        Number(share, 10),
        "White cells are zero. The line below the picture counts them.",
        "LayerNorm centres the channels of each step, so about half of them lie below zero, and ReLU lets nothing below zero pass.",
    )


def _encoded(window: TourWindow) -> Look:
    return Look("+ position", 1, row=0, column=min(5, window.steps - 1))


def _ask_fastest(window: TourWindow) -> Question:
    trace = window.trace
    added = (trace.encoded - trace.projected)[0].numpy()
    moves = np.abs(np.diff(added, axis=0)).sum(axis=0)
    quarter = max(1, len(moves) // 4)
    first, last = float(moves[:quarter].sum()), float(moves[-quarter:].sum())
    return Question(
        "Which channels' positions change fastest from step to step?",
        Choice(("the first channels", "the last channels", "all alike"), 2 if first == last else int(last > first)),
        "Choose the sheet “positions alone” and look along a row near the top, then along one near the bottom.",
        "Each pair of channels is a wave, and each next wave is slower: together they give every step its own pattern, as the hands of a "
        "clock do.",
    )


ENTRANCE = (
    Chapter(
        "The window",
        "The model is given {steps} steps of {features} features and nothing else: no names, no hours, no units. Each value is counted in "
        "standard deviations from its feature's mean in training.",
        "Move along the series with the arrow keys (the picture must have the focus), or drag the slider, and read the values below it.",
        r"x_{t,f} = \frac{v_{t,f} - \mu_f}{\sigma_f}",
        "complex_lstm.data.scaling:scale",
        _first_cell,
        _ask_first,
    ),
    Chapter(
        "Features become channels",
        "The projection makes {channels} channels of each step, and each is a weighted sum of the same {features} features. A step still "
        "knows nothing of its neighbours.",
        "Choose another cell with a click or with Enter. Its arithmetic is written out below, and comes to the model's own value.",
        r"z_{t,c} = \sum_f W_{c,f}\, x_{t,f} + b_c",
        "complex_lstm.interpretation.arithmetic.linear:row_lines",
        _strongest_channel,
        _ask_product,
    ),
    Chapter(
        "What survives",
        "LayerNorm puts the channels of a step on one scale, whatever the size of the input, and ReLU throws away what is below zero.",
        "The marked cell is zero. See in its arithmetic what it was before the ReLU, and how far that was from passing.",
        r"p_{t,c} = \max\Big(0,\ \gamma_c\, \frac{z_{t,c} - \mu_t}{\sqrt{\sigma_t^2 + \varepsilon}} + \beta_c\Big)",
        "complex_lstm.interpretation.arithmetic.linear:layer_norm_lines",
        _silenced_channel,
        _ask_zeros,
    ),
    Chapter(
        "Which step is this?",
        "Sines and cosines of the step's number are added to its channels. They carry no data: every window gets the same ones.",
        "Switch between the two sheets: the positions alone, and what they are added to.",
        r"\begin{array}{l} e_{t,2i} = p_{t,2i} + \sin\tfrac{t}{10000^{2i/H}} \\ "
        r"e_{t,2i+1} = p_{t,2i+1} + \cos\tfrac{t}{10000^{2i/H}} \end{array}",
        "complex_lstm.model.positions:PositionalEncoding.table",
        _encoded,
        _ask_fastest,
    ),
)
