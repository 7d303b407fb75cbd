"""Pages 8 to 10: two readers, the gates of a cell, and what is added to what came in."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.interpretation.arithmetic import LSTMStates, Place, lstm_states
from complex_lstm.ui.tour.chapter import Chapter, Choice, Look, Number, Question
from complex_lstm.ui.tour.tensors import CELL_STATE, FORGET_GATE, FORWARD
from complex_lstm.ui.tour.window import TourWindow

FIRST = "BiLSTM 1"


def _quarter(window: TourWindow) -> Look:
    return Look(FIRST, FORWARD, row=_liveliest(_reading(window).hidden), column=window.steps // 4)


def _liveliest(states: Any) -> int:
    """Return the channel that moves most over time."""
    return int(np.ptp(states[0].cpu().numpy(), axis=0).argmax())


def _reading(window: TourWindow) -> LSTMStates:
    """Return the first forward reading of the first block."""
    lstm: Any = window.model.lstm_blocks[0].lstm  # nn.ModuleList forgets the class
    return lstm_states(lstm, window.trace.fused.to(next(lstm.parameters()).device), layer=0, backward=False)


def _ask_other_reader(window: TourWindow) -> Question:
    step = _quarter(window).column
    return Question(
        f"The forward reader has come to step {step}. At which step is the backward reader, which started at the end at the same moment?",
        Number(window.steps - 1 - step),
        "Two cursors walk towards each other in the boxes of the BiLSTM: move the orange one to the step, and find the other one's.",
        f"It started at step {window.steps - 1} and has gone back {step} steps. What either has read by then is all that it knows.",
    )


def _cell(window: TourWindow) -> Look:
    return Look(FIRST, FORGET_GATE, row=_liveliest(_reading(window).cell), column=window.steps // 2)


def _ask_forget(window: TourWindow) -> Question:
    look = _cell(window)
    value = float(_reading(window).forget_gate[0, look.column, look.row])
    return Question(
        f"How much of its state does channel {look.row} keep at step {look.column}? Read the forget gate, to two digits.",
        Number(value, 0.011),
        "It stands below the picture when the cursor is on the marked cell, and in the arithmetic as f.",
        "At 1 the cell forgets nothing, at 0 everything. The input gate decides apart from it how much is taken in: both can be open.",
    )


def _block(window: TourWindow) -> Look:
    moved = (window.trace.lstm[0] - window.trace.fused)[0].numpy()
    step, channel = np.unravel_index(int(np.abs(moved).argmax()), moved.shape)
    return Look(FIRST, 0, int(channel), int(step))


def _ask_residual(window: TourWindow) -> Question:
    look = _block(window)
    came_in = float(window.trace.fused[0, look.column, look.row])
    z = next(
        written for written in window.working(Place("BiLSTM block", (0, look.column, look.row))).written() if written.line.symbol == "z"
    )
    return Question(
        f"In the sum z of channel {look.row} at step {look.column}: which part is larger, plus or minus?",
        Choice(("what came in", "what the block adds, its bias included"), int(abs(z.result - came_in) > abs(came_in))),
        "In the arithmetic the line of z adds three numbers: the readings' sum, the bias, and what came in.",
        "What came in is never lost: the block only adds to it, and a block that adds little can be skipped with little loss.",
    )


RECURRENCE = (
    Chapter(
        "Two readers, from both ends",
        "A BiLSTM reads the series twice, forwards and backwards. At each step one reader knows all that came before, the other all that "
        "comes after.",
        "Let the cursor walk through time, and watch the two cursors in the BiLSTM boxes.",
        r"\begin{array}{l} \overrightarrow{h}_t = \mathrm{LSTM}(x_t, \overrightarrow{h}_{t-1}) \\ "
        r"\overleftarrow{h}_t = \mathrm{LSTM}(x_t, \overleftarrow{h}_{t+1}) \end{array}",
        "complex_lstm.model.recurrence:BiLSTMBlock._read",
        _quarter,
        _ask_other_reader,
    ),
    Chapter(
        "A cell keeps, takes in, lets out",
        "Each channel of a reader is a cell with three gates between 0 and 1: how much of its state it keeps, how much of the new it takes "
        "in, and how much it lets out.",
        f"Follow the marked row through the gates' sheets up to “{CELL_STATE}”: where the forget gate closes, the state is lost.",
        r"c_t = f_t\, c_{t-1} + i_t\, g_t,\quad h_t = o_t \tanh(c_t)",
        "complex_lstm.interpretation.arithmetic.lstm_states:_read",
        _cell,
        _ask_forget,
    ),
    Chapter(
        "What came in is still there",
        "What both readers found is projected back and added to what came in. LayerNorm then puts the sum on one scale.",
        "Compare the thumbnails of the fusion gate's “mixed” sheet and of BiLSTM 1: find a row that you know again.",
        r"l_t = \mathrm{LayerNorm}\big(x_t + W\, [\overrightarrow{h}_t;\, \overleftarrow{h}_t] + b\big)",
        "complex_lstm.model.recurrence:BiLSTMBlock.forward",
        _block,
        _ask_residual,
    ),
)
