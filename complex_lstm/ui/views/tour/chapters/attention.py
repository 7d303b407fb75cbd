"""Pages 11 to 13: one row of attention, the output of all heads, and the second half."""

from __future__ import annotations

import numpy as np

from complex_lstm.languages import _, mark, ngettext
from complex_lstm.model.interventions import SilenceAttention
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    MultipleChoice,
    NumericAnswer,
    Question,
    Region,
    StartCell,
    excerpt,
    largest,
    largest_cell,
    one_cell,
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
        _(
            "To which step does query step {query} of attention head {head} attend most? Answers within one step are right.",
            query=query,
            head=head + 1,
        ),
        NumericAnswer(int(row.argmax()), 1),
        _("Move along the marked row with the arrow keys, and look for the brightest cell."),
        _(
            "It gives this step {most:.1%} of its attention; with an even distribution every step would get {even:.1%}.",
            most=float(row.max()),
            even=1 / window.steps,
        ),
        Compared(_("share of its attention"), row.numpy()),
        lambda cell: cell.column if (cell.box, cell.sheet, cell.row) == ("Attention 1", head, query) else None,
        lambda given: (one_cell("Attention 1", head, query, given),) if 0 <= given < window.steps else (),
    )


def _attended(window: TourWindow) -> StartCell:
    """Return the cell to which the first layer adds most."""
    added = (window.trace.attended[0] - window.trace.lstm[1])[0].abs().numpy()
    return largest_cell("Attention 1", window.model.config.num_heads, added)


def _ask_spread(window: TourWindow) -> Question:
    highest = window.trace.attention[0, 0].amax(dim=(1, 2)).numpy()
    if len(highest) == 1 or window.steps == 1:
        return _ask_taken(window)
    names = tuple(_("attention head {number}", number=head + 1) for head in range(len(highest)))
    return Question(
        _("Which head of attention 1 spreads its attention most evenly, by its largest weight?"),
        largest(names, 1 - highest),
        _("Open the sheets of the heads: the line below the picture gives the largest weight of each. Look for the smallest of these."),
        _("A head that attends evenly gives every step much the same: the mean of all steps' values."),
        Compared(_("largest weight"), highest, names),
        lambda cell: cell.sheet if cell.box == "Attention 1" and cell.sheet < len(highest) else None,
        lambda given: (_largest_weight(window, given),),
    )


def _largest_weight(window: TourWindow, head: int) -> Region:
    """Return the cell of a head's largest weight."""
    weights = window.trace.attention[0, 0, head].numpy()
    query, key = divmod(int(weights.argmax()), window.steps)
    return one_cell("Attention 1", head, query, key)


def _ask_taken(window: TourWindow) -> Question:
    start = _attended(window)
    block_input, out = (float(one[0, start.column, start.row]) for one in (window.trace.lstm[1], window.trace.attended[0]))
    options = (_("the layer's input"), _("what attention adds"))
    return Question(
        _("Channel {channel} of step {step} is a sum: which part of it is larger by absolute value?", channel=start.row, step=start.column),
        MultipleChoice(options, int(abs(out - block_input) > abs(block_input))),
        _("The last line of the marked cell's arithmetic adds the two."),
        _("The layer's input is {input:.3g}, and attention adds {added:.3g}.", input=block_input, added=out - block_input),
        Compared(_("absolute value"), np.abs([block_input, out - block_input]), options),
        is_decided=(one_cell(start.box, start.sheet, start.row, start.column), one_cell("BiLSTM 2", 0, start.row, start.column)),
    )


def _describe_second_half(window: TourWindow) -> str:
    more = len(window.model.lstm_blocks) - 2
    blocks = ngettext("{number} more BiLSTM block", "{number} more BiLSTM blocks", more)
    attention = _("and another attention") if len(window.trace.attended) > 1 else _("without another attention")
    return _(
        "The second half repeats the first: {blocks} {attention}. By now every step can carry "
        "information from every other step, so a value at a step need not be about that step alone.",
        blocks=blocks,
        attention=attention,
    )


def _ask_readings(window: TourWindow) -> Question:
    blocks = len(window.model.lstm_blocks)
    share = sum(one.numel() for one in window.model.lstm_blocks.parameters()) / sum(one.numel() for one in window.model.parameters())
    return Question(
        _("How many LSTM layers has the series passed through at the end of the last BiLSTM block?"),
        NumericAnswer(2 * blocks),
        _("Count the BiLSTM boxes, and open one: its sheets show two layers."),
        _("{blocks} blocks of two layers each. They have {share:.0%} of all parameters of this model.", blocks=blocks, share=share),
        Compared(
            _("LSTM layers at the end of the block"),
            2.0 * np.arange(1, blocks + 1),
            tuple(f"BiLSTM {number}" for number in range(1, blocks + 1)),
            "level",
        ),
        regions=lambda given: tuple(Region(f"BiLSTM {number}") for number in range(1, min(blocks, -(-given // 2)) + 1)),
    )


ATTENTION = (
    Chapter(
        mark("One row of attention"),
        mark("The query of a step is compared with the key of every step, and a softmax turns the scores into weights that add up to 1."),
        mark("Move along the marked row. The arithmetic of a cell shows the score of its query and key, and the softmax of the row."),
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
        mark("The output of all heads"),
        mark(
            "Each layer has {heads}. Each head averages the values of all steps with its own weights; the results are joined, projected "
            "and added to the layer's input."
        ),
        mark("Open the sheets of the heads one after the other, then the sheet “attended”: the output of the layer at each step."),
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
        mark("The same again, deeper"),
        _describe_second_half,
        mark("Compare the thumbnails from left to right, and see how far the events of the window spread over time."),
        r"h \leftarrow \mathrm{Attention}\big(\mathrm{BiLSTM}(\mathrm{BiLSTM}(h))\big)",
        (excerpt(FORWARD),),
        lambda window: largest_cell(f"BiLSTM {len(window.trace.lstm)}", 0, window.trace.lstm[-1][0].abs().numpy()),
        _ask_readings,
        blocks=3,
    ),
)
