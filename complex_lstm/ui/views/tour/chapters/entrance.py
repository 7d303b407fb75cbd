"""Pages 1 to 4: the window, the projection, the ReLU, and the positional encoding."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.languages import _, mark
from complex_lstm.model.interventions import DropPositions
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    MultipleChoice,
    NumericAnswer,
    Question,
    Region,
    StartCell,
    excerpt,
    largest_of_many,
    one_cell,
    option_of,
    sizes_of,
)
from complex_lstm.ui.views.tour.window import TourWindow

PROJECTION = (
    excerpt("complex_lstm.model.network:ComplexLSTMModel.__init__", "self.input_proj ="),
    excerpt("complex_lstm.model.network:ComplexLSTMModel.forward", "self.input_proj("),
)
SIGNS = (mark("above zero"), mark("below zero"), mark("zero"))


def _describe_scaling(window: TourWindow) -> str:
    match window.scene.dataset.scaled_by:
        case "training":
            scaled = _("Each value is given in standard deviations from its feature's mean in training.")
        case "given":
            scaled = _("Each value is given in standard deviations from its feature's mean as it was given with the model.")
        case _:
            scaled = _(
                "Each value is given in standard deviations from its feature's mean in this file, because the checkpoint carries no "
                "scaling."
            )
    return f"{_('The model is given {steps} of {features} and nothing else: no names, no times, no units.')} {scaled}"


def _first_cell(window: TourWindow) -> StartCell:
    """Return the first cell that is known to decide the output, else the one farthest from its mean."""
    cells = window.known if window.known.any() else np.abs(window.scene.inputs)
    step, feature = np.unravel_index(int(cells.argmax()), cells.shape)
    return StartCell("Series", row=int(feature), column=int(step))


def _ask_first(window: TourWindow) -> Question:
    deciding = np.nonzero(window.known.any(axis=0))[0]
    if len(deciding) < 2:
        return _ask_highest(window) if len(window.features) > 1 else _ask_end(window)
    begins = window.known[:, deciding].argmax(axis=0)
    first = np.flatnonzero(begins == begins.min())
    options = (*(window.features[feature] for feature in deciding), _("several start together"))
    answer = MultipleChoice(options, len(deciding) if len(first) > 1 else int(first[0]))
    return Question(
        _("This series is synthetic, and its green cells decide the answer. In which feature do they start first?"),
        answer,
        _("Compare where the green bands start, from left to right."),
        _("Only the green cells decide, and the other features do not matter. Whether the model uses the green cells is another question."),
        Compared(_("first step with green cells"), begins.astype(float), answer.options),
        lambda cell: _picked_feature(window, answer, cell),
        lambda given: tuple(
            _deciding(window, int(feature)) for feature in (deciding[first] if given == len(deciding) else deciding[[given]])
        ),
    )


def _deciding(window: TourWindow, feature: int) -> Region:
    """Return the cells of a feature that are known to decide, from the first to the last."""
    steps = np.flatnonzero(window.known[:, feature])
    return Region("Series", 0, (feature, feature), (int(steps[0]), int(steps[-1])))


def _picked_feature(window: TourWindow, answer: MultipleChoice, cell: StartCell) -> float | None:
    """Return the option that names the feature of a chosen row of the series."""
    return option_of(answer, window.features[cell.row]) if cell.box == "Series" else None


def _ask_highest(window: TourWindow) -> Question:
    highest = window.scene.inputs.max(axis=0)
    answer = largest_of_many(window.features, highest)
    return Question(
        _("Which feature reaches the highest point in this window?"),
        answer,
        _("All lines share one scale: look for the line that reaches highest in its row."),
        _("Scaled values are standard deviations from the feature's own mean, so features with different units can be compared."),
        sizes_of(answer, _("highest value (standard deviations)"), window.features, highest),
        lambda cell: _picked_feature(window, answer, cell),
        lambda given: _where_largest(window, answer, given),
    )


def _where_largest(window: TourWindow, answer: MultipleChoice, given: int) -> tuple[Region, ...]:
    """Return the cell of the feature's largest value."""
    feature = window.features.index(answer.options[given])
    return (one_cell("Series", 0, feature, int(window.scene.inputs[:, feature].argmax())),)


def _ask_end(window: TourWindow) -> Question:
    begin, end = window.scene.inputs[[0, -1], 0]
    return Question(
        _("Does the series end higher or lower than it starts?"),
        MultipleChoice((_("higher"), _("lower"), _("at the same height")), 2 if begin == end else int(end < begin)),
        _("Press Home and End in the picture, and compare the values below it."),
        _("It starts at {begin:.3g} and ends at {end:.3g} standard deviations from its mean.", begin=begin, end=end),
        Compared(_("scaled value (standard deviations)"), window.scene.inputs[:, 0], answer="beside"),
        is_decided=(one_cell("Series", 0, 0, 0), one_cell("Series", 0, 0, window.steps - 1)),
    )


def _strongest_channel(window: TourWindow) -> StartCell:
    step = _first_cell(window).column
    return StartCell("Projection", row=int(window.trace.projected[0, step].argmax()), column=step)


def _ask_product(window: TourWindow) -> Question:
    start = _strongest_channel(window)
    linear: Any = window.model.input_proj[0]  # nn.Sequential forgets the classes
    products = linear.weight[start.row].detach().cpu().numpy() * window.scene.inputs[start.column]
    because = _("A weight alone says little: what counts is the weight times the value in this window.")
    if len(products) == 1:
        answer = MultipleChoice(tuple(map(_, SIGNS)), 2 if products[0] == 0 else int(products[0] < 0))
        words = _(
            "The sum of channel {channel} at step {step} has one product, before the bias. Which sign does it have?",
            channel=start.row,
            step=start.column,
        )
        product = Compared(_("weight times value"), products, window.features, "beside")
        hint = _("The first line of the arithmetic below shows it.")
        return Question(words, answer, hint, because, product, is_decided=(one_cell("Series", 0, 0, start.column),))
    answer = largest_of_many(window.features, np.abs(products))
    return Question(
        _(
            "Which feature has the largest product by absolute value, in the sum of channel {channel} at step {step}?",
            channel=start.row,
            step=start.column,
        ),
        answer,
        _("The arithmetic below lists the terms with their names, the largest first."),
        because,
        sizes_of(answer, _("weight times value, without its sign"), window.features, np.abs(products)),
        regions=lambda given: (one_cell("Series", 0, window.features.index(answer.options[given]), start.column),),
    )


def _silenced_channel(window: TourWindow) -> StartCell:
    step = _first_cell(window).column
    return StartCell("Projection", row=int(window.trace.projected[0, step].argmin()), column=step)


def _describe_marked(window: TourWindow) -> str:
    start = _silenced_channel(window)
    if float(window.trace.projected[0, start.column, start.row]) > 0:
        return _("No channel is zero at this step: the marked cell is the smallest. Its arithmetic shows its value before the ReLU.")
    return _("The marked cell is zero. Its arithmetic shows its value before the ReLU, and so how far it was below zero.")


def _ask_zeros(window: TourWindow) -> Question:
    zeros = 100 * (window.trace.projected[0] == 0).double().mean(dim=1).numpy()
    share = float(zeros.mean())
    return Question(
        _("What percentage of the projected values is exactly zero? Answers within ten points are right."),
        NumericAnswer(share, 10),
        _("White cells are zero. The line below the picture gives their percentage."),
        _(
            "It is {share:.0%}. LayerNorm centres the channels of each step. Without its learned shift about half of them would be below "
            "zero, and the ReLU sets everything below zero to zero.",
            share=share / 100,
        ),
        Compared(_("zeros at each step (%)"), zeros, answer="level"),
        is_decided=(Region("Projection"),),
    )


def _ask_fastest(window: TourWindow) -> Question:
    added = (window.trace.encoded - window.trace.projected)[0].numpy()
    moves = np.abs(np.diff(added, axis=0)).sum(axis=0)
    quarter = max(1, len(moves) // 4)
    sums = np.array([moves[:quarter].sum(), moves[-quarter:].sum()])
    options = (_("the first channels"), _("the last channels"))
    return Question(
        _("In which channels does the positional encoding change fastest from step to step?"),
        MultipleChoice(options, int(sums.argmax())),
        _("Choose the sheet “positions alone” and follow a row near the top, then a row near the bottom."),
        _(
            "Each pair of channels is a sine and a cosine, and each next pair is slower. Together they give every step its own pattern, "
            "like the hands of a clock."
        ),
        Compared(_("change from step to step, summed over a quarter of the channels"), sums, options),
        regions=lambda given: (Region("+ position", 1, ((0, quarter - 1), (len(moves) - quarter, len(moves) - 1))[given]),),
    )


ENTRANCE = (
    Chapter(
        mark("The window"),
        _describe_scaling,
        mark(
            "Move along the series with the arrow keys (the picture must have the focus), or drag the slider, and read the values below it."
        ),
        r"x_{t,f} = \frac{v_{t,f} - \mu_f}{\sigma_f}",
        (excerpt("complex_lstm.data.scaling:scale"),),
        lambda window: StartCell("Series"),
        _ask_first,
    ),
    Chapter(
        mark("Features become channels"),
        mark(
            "The projection turns each step into {channels}. Each channel starts as a weighted sum of the same {features}, plus a bias. A "
            "step has no information about its neighbours yet."
        ),
        mark(
            "Choose another cell with a click or with Enter. Its arithmetic is written out below and ends at the model's own value: first "
            "this sum, then LayerNorm and ReLU, which the next page explains."
        ),
        r"z_{t,c} = \sum_f W_{c,f}\, x_{t,f} + b_c \quad (\text{nn.Linear})",
        PROJECTION,
        _strongest_channel,
        _ask_product,
    ),
    Chapter(
        mark("What passes the ReLU"),
        mark(
            "LayerNorm puts the channels of a step on one scale, whatever the size of the input, and the ReLU sets what is below zero to "
            "zero."
        ),
        _describe_marked,
        r"p_{t,c} = \max\Big(0,\ \gamma_c\, \frac{z_{t,c} - \mu_t}{\sqrt{\sigma_t^2 + \varepsilon}} + \beta_c\Big)"
        r" \quad (\text{nn.LayerNorm, nn.ReLU})",
        PROJECTION,
        _silenced_channel,
        _ask_zeros,
    ),
    Chapter(
        mark("Which step is this?"),
        mark("Sines and cosines of the step's number are added to its channels. They carry no data: they are the same for every window."),
        mark("Switch between the two sheets: the channels with the positions added, and the positions alone."),
        r"\begin{array}{l} e_{t,2i} = p_{t,2i} + \sin\tfrac{t}{10000^{2i/H}} \\ "
        r"e_{t,2i+1} = p_{t,2i+1} + \cos\tfrac{t}{10000^{2i/H}} \end{array}",
        (
            excerpt("complex_lstm.model.positions:PositionalEncoding.forward"),
            excerpt("complex_lstm.model.positions:PositionalEncoding.table"),
            excerpt("complex_lstm.model.positions:angles", "step =", "return"),
        ),
        lambda window: StartCell("+ position", 1, row=0, column=min(5, window.steps - 1)),
        _ask_fastest,
        is_askable=lambda window: window.steps > 1,
        trial=lambda window: DropPositions(),
    ),
)
