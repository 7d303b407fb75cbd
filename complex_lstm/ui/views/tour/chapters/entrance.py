"""Pages 1 to 4: the window, the projection, what survives the ReLU, and the positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.ui.session.scene import scaling_note
from complex_lstm.ui.views.tour.arithmetic import excerpt
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Look, Number, Question, largest_of_many
from complex_lstm.ui.views.tour.window import TourWindow

PROJECTION = (
    excerpt("complex_lstm.model.network:ComplexLSTMModel.__init__", "self.input_proj ="),
    excerpt("complex_lstm.model.network:ComplexLSTMModel.forward", "self.input_proj("),
)
SIGNS = ("above zero", "below zero", "zero")


def sign_of(value: float) -> int:
    """Return which of SIGNS a value has."""
    return 2 if value == 0 else int(value < 0)


def _say_scale(window: TourWindow) -> str:
    where = "in this file, because the checkpoint carries no scaling" if scaling_note(window.scene) else "in training"
    return (
        "The model is given {steps} of {features} and nothing else: neither names nor times nor units. Each value is counted in "
        f"standard deviations from its feature's mean {where}."
    )


def _first_cell(window: TourWindow) -> Look:
    """Look at the first cell that is known to decide, else at the one farthest from its mean."""
    cells = window.known if window.known.any() else np.abs(window.scene.inputs)
    step, feature = np.unravel_index(int(cells.argmax()), cells.shape)
    return Look("Series", row=int(feature), column=int(step))


def _ask_first(window: TourWindow) -> Question:
    deciding = np.nonzero(window.known.any(axis=0))[0]
    if len(deciding) < 2:
        return _ask_highest(window) if len(window.features) > 1 else _ask_end(window)
    begins = window.known[:, deciding].argmax(axis=0)
    first = np.flatnonzero(begins == begins.min())
    options = (*(window.features[feature] for feature in deciding), "several begin together")
    return Question(
        "This series was made up, and its green cells decide the answer. In which feature do they begin first?",
        Choice(options, len(deciding) if len(first) > 1 else int(first[0])),
        "Compare where the green bands begin, from left to right.",
        "Only the green cells decide, and nothing in the other features matters. Whether the model looks there is another question.",
    )


def _ask_highest(window: TourWindow) -> Question:
    return Question(
        "Which feature reaches the highest point in this window?",
        largest_of_many(window.features, window.scene.inputs.max(axis=0)),
        "All lines are drawn in one scale: look for the one that fills its row upwards.",
        "Scaled values are counted in standard deviations from the feature's own mean, so features of all units can be compared.",
    )


def _ask_end(window: TourWindow) -> Question:
    begin, end = window.scene.inputs[[0, -1], 0]
    return Question(
        "Where does the series end, next to where it begins?",
        Choice(("higher", "lower", "at the same height"), 2 if begin == end else int(end < begin)),
        "Press Home and End in the picture, and compare the values below it.",
        f"It begins at {begin:.3g} and ends at {end:.3g} standard deviations from its mean.",
    )


def _strongest_channel(window: TourWindow) -> Look:
    step = _first_cell(window).column
    return Look("Projection", row=int(window.trace.projected[0, step].argmax()), column=step)


def _ask_product(window: TourWindow) -> Question:
    look = _strongest_channel(window)
    linear: Any = window.model.input_proj[0]  # nn.Sequential forgets the classes
    products = linear.weight[look.row].detach().cpu().numpy() * window.scene.inputs[look.column]
    because = "A weight alone says little: what counts is the weight times what stands in the window now."
    if len(products) == 1:
        answer = Choice(SIGNS, sign_of(float(products[0])))
        words = f"The sum of channel {look.row} at step {look.column} has one product, before the bias. What is it?"
        return Question(words, answer, "The arithmetic below writes it out in its first line.", because)
    return Question(
        f"Which feature has the largest product, plus or minus, in the sum of channel {look.row} at step {look.column}?",
        largest_of_many(window.features, np.abs(products)),
        "The arithmetic below writes the terms out, the largest first, with their names.",
        because,
    )


def _silenced_channel(window: TourWindow) -> Look:
    step = _first_cell(window).column
    return Look("Projection", row=int(window.trace.projected[0, step].argmin()), column=step)


def _say_marked(window: TourWindow) -> str:
    look = _silenced_channel(window)
    if float(window.trace.projected[0, look.column, look.row]) > 0:
        return "No channel is zero at this step: the marked cell is the smallest. See in its arithmetic what it was before the ReLU."
    return "The marked cell is zero. See in its arithmetic what it was before the ReLU, and how far that was from passing."


def _ask_zeros(window: TourWindow) -> Question:
    share = 100 * float((window.trace.projected == 0).float().mean())
    return Question(
        "How much of the projected picture is exactly zero, in percent? Ten points more or less are right.",
        Number(share, 10),
        "White cells are zero. The line below the picture counts them.",
        f"It is {share:.0f}%. LayerNorm centres the channels of each step; without what it has learned to shift, about half of them would "
        "lie below zero, and ReLU lets nothing below zero pass.",
    )


def _encoded(window: TourWindow) -> Look:
    return Look("+ position", 1, row=0, column=min(5, window.steps - 1))


def _ask_fastest(window: TourWindow) -> Question:
    added = (window.trace.encoded - window.trace.projected)[0].numpy()
    moves = np.abs(np.diff(added, axis=0)).sum(axis=0)
    quarter = max(1, len(moves) // 4)
    return Question(
        "Which channels' positions change fastest from step to step?",
        Choice(("the first channels", "the last channels"), int(moves[-quarter:].sum() > moves[:quarter].sum())),
        "Choose the sheet “positions alone” and look along a row near the top, then along one near the bottom.",
        "Each pair of channels is a wave, and each next wave is slower: together they give every step its own pattern, as the hands of a "
        "clock do.",
    )


ENTRANCE = (
    Chapter(
        "The window",
        _say_scale,
        "Move along the series with the arrow keys (the picture must have the focus), or drag the slider, and read the values below it.",
        r"x_{t,f} = \frac{v_{t,f} - \mu_f}{\sigma_f}",
        (excerpt("complex_lstm.data.scaling:scale"),),
        _first_cell,
        _ask_first,
    ),
    Chapter(
        "Features become channels",
        "The projection makes {channels} of each step, and each begins as a weighted sum of the same {features}, with a bias. A step still "
        "knows nothing of its neighbours.",
        "Choose another cell with a click or with Enter. Its arithmetic is written out below, and comes to the model's own value: first "
        "this sum, then what the next page is about.",
        r"z_{t,c} = \sum_f W_{c,f}\, x_{t,f} + b_c \quad (\text{nn.Linear})",
        PROJECTION,
        _strongest_channel,
        _ask_product,
    ),
    Chapter(
        "What survives",
        "LayerNorm puts the channels of a step on one scale, whatever the size of the input, and ReLU throws away what is below zero.",
        _say_marked,
        r"p_{t,c} = \max\Big(0,\ \gamma_c\, \frac{z_{t,c} - \mu_t}{\sqrt{\sigma_t^2 + \varepsilon}} + \beta_c\Big)"
        r" \quad (\text{nn.LayerNorm, nn.ReLU})",
        PROJECTION,
        _silenced_channel,
        _ask_zeros,
    ),
    Chapter(
        "Which step is this?",
        "Sines and cosines of the step's number are added to its channels. They carry no data: every window gets the same ones.",
        "Switch between the two sheets: the positions alone, and what they are added to.",
        r"\begin{array}{l} e_{t,2i} = p_{t,2i} + \sin\tfrac{t}{10000^{2i/H}} \\ "
        r"e_{t,2i+1} = p_{t,2i+1} + \cos\tfrac{t}{10000^{2i/H}} \end{array}",
        (
            excerpt("complex_lstm.model.positions:PositionalEncoding.forward"),
            excerpt("complex_lstm.model.positions:PositionalEncoding.table"),
            excerpt("complex_lstm.model.positions:angles", "step =", "return"),
        ),
        _encoded,
        _ask_fastest,
        asks=lambda window: window.steps > 1,
    ),
)
