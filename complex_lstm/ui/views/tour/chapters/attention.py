"""Pages 11 to 13: one row of attention, the output of all heads, and the second half."""

from __future__ import annotations

import numpy as np

from complex_lstm.model.interventions import SilenceAttention
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    MultipleChoice,
    NumericAnswer,
    Question,
    StartCell,
    excerpt,
    largest,
    largest_cell,
    quantity,
)
from complex_lstm.ui.views.tour.window import TourWindow

ATTEND = "complex_lstm.model.attention:MultiHeadAttention"
FORWARD = "complex_lstm.model.network:ComplexLSTMModel.forward"


def _sharpest_row(window: TourWindow) -> StartCell:
    """Return the diagonal cell in the row of the largest weight of the first layer: its sheet is the head, its row the query step."""
    weights = window.trace.attention[0, 0].numpy()
    head, query, _ = np.unravel_index(int(weights.argmax()), weights.shape)
    return StartCell("Attention 1", int(head), int(query), int(query))


def _ask_brightest(window: TourWindow) -> Question:
    start = _sharpest_row(window)
    head, query = start.sheet, start.row
    row = window.trace.attention[0, 0, head, query]
    return Question(
        f"To which step does query step {query} of attention head {head + 1} attend most? Answers within one step are right.",
        NumericAnswer(int(row.argmax()), 1),
        "Move along the marked row with the arrow keys, and look for the brightest cell.",
        f"It gives this step {float(row.max()):.1%} of its attention; with an even distribution every step would get "
        f"{1 / window.steps:.1%}.",
        lambda cell: cell.column if (cell.box, cell.sheet, cell.row) == ("Attention 1", head, query) else None,
    )


def _attended(window: TourWindow) -> StartCell:
    """Return the cell to which the first layer adds most."""
    added = (window.trace.attended[0] - window.trace.lstm[1])[0].abs().numpy()
    return largest_cell("Attention 1", window.model.config.num_heads, added)


def _ask_spread(window: TourWindow) -> Question:
    highest = window.trace.attention[0, 0].amax(dim=(1, 2)).numpy()
    if len(highest) == 1 or window.steps == 1:
        return _ask_taken(window)
    return Question(
        "Which head of attention 1 spreads its attention most evenly, by its largest weight?",
        largest(tuple(f"attention head {head + 1}" for head in range(len(highest))), 1 - highest),
        "Open the sheets of the heads: the line below the picture gives the largest weight of each. Look for the smallest of these.",
        "A head that attends evenly gives every step much the same: the mean of all steps' values.",
        lambda cell: cell.sheet if cell.box == "Attention 1" and cell.sheet < len(highest) else None,
    )


def _ask_taken(window: TourWindow) -> Question:
    start = _attended(window)
    block_input, out = (float(one[0, start.column, start.row]) for one in (window.trace.lstm[1], window.trace.attended[0]))
    return Question(
        f"Channel {start.row} of step {start.column} is a sum: which part of it is larger by absolute value?",
        MultipleChoice(("the layer's input", "what attention adds"), int(abs(out - block_input) > abs(block_input))),
        "The last line of the marked cell's arithmetic adds the two.",
        f"The layer's input is {block_input:.3g}, and attention adds {out - block_input:.3g}.",
    )


def _describe_second_half(window: TourWindow) -> str:
    blocks = len(window.model.lstm_blocks)
    attention = "and another attention" if len(window.trace.attended) > 1 else "without another attention"
    return (
        f"The second half repeats the first: {quantity(blocks - 2, 'more BiLSTM block')} {attention}. By now every step can carry "
        "information from every other step, so a value at a step need not be about that step alone."
    )


def _ask_readings(window: TourWindow) -> Question:
    blocks = len(window.model.lstm_blocks)
    share = sum(one.numel() for one in window.model.lstm_blocks.parameters()) / sum(one.numel() for one in window.model.parameters())
    return Question(
        "How many LSTM layers has the series passed through at the end of the last BiLSTM block?",
        NumericAnswer(2 * blocks),
        "Count the BiLSTM boxes, and open one: its sheets show two layers.",
        f"{blocks} blocks of two layers each. They have {share:.0%} of all parameters of this model.",
    )


ATTENTION = (
    Chapter(
        "One row of attention",
        "The query of a step is compared with the key of every step, and a softmax turns the scores into weights that add up to 1.",
        "Move along the marked row. The arithmetic of a cell shows the score of its query and key, and the softmax of the row.",
        r"\alpha_{q,k} = \frac{e^{s_{q,k}}}{\sum_j e^{s_{q,j}}},\quad s_{q,k} = \frac{Q_q \cdot K_k}{\sqrt{d}}",
        (
            excerpt(f"{ATTEND}.with_weights", "query, key", "scores =", "weights = torch.softmax"),
            excerpt("complex_lstm.model.attention:_scores", "return"),
            excerpt(f"{ATTEND}._project"),
        ),
        _sharpest_row,
        _ask_brightest,
        blocks=2,
        is_askable=lambda window: window.steps > 3,  # with one step more or less any answer would be right
    ),
    Chapter(
        "The output of all heads",
        "Each layer has {heads}. Each head averages the values of all steps with its own weights; the results are joined, projected and "
        "added to the layer's input.",
        "Open the sheets of the heads one after the other, then the sheet “attended”: the output of the layer at each step.",
        r"o_t = l_t + W\, [m^{(1)}_t;\, \ldots;\, m^{(n)}_t] + b,\quad m_t = \sum_k \alpha_{t,k}\, V_k",
        (
            excerpt(f"{ATTEND}.with_weights", "@ value"),
            excerpt(f"{ATTEND}._merge"),
            excerpt(FORWARD, "attention =", "attention(h"),
        ),
        _attended,
        _ask_spread,
        blocks=2,
        trial=lambda window: SilenceAttention(0),
    ),
    Chapter(
        "The same again, deeper",
        _describe_second_half,
        "Compare the thumbnails from left to right, and see how far the events of the window spread over time.",
        r"h \leftarrow \mathrm{Attention}\big(\mathrm{BiLSTM}(\mathrm{BiLSTM}(h))\big)",
        (excerpt(FORWARD),),
        lambda window: largest_cell(f"BiLSTM {len(window.trace.lstm)}", 0, window.trace.lstm[-1][0].abs().numpy()),
        _ask_readings,
        blocks=3,
    ),
)
