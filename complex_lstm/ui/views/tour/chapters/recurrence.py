"""Pages 8 to 10: two readers, the gates of a cell, and what is added to what came in."""

from __future__ import annotations

from typing import Any

import numpy as np

from complex_lstm.arithmetic import LSTMStates, ValueIndex, lstm_states
from complex_lstm.ui.views.tour.arithmetic import excerpt
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Look, Number, Question, counted
from complex_lstm.ui.views.tour.chapters.convolutions import reach
from complex_lstm.ui.views.tour.tensors import CELL_STATE, FORGET_GATE, FORWARD
from complex_lstm.ui.views.tour.window import TourWindow

FIRST = "BiLSTM 1"
BLOCK = "complex_lstm.model.recurrence:BiLSTMBlock"


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
    step, further = _quarter(window).column, reach(window)
    seen = (
        f"But the convolutions before have already brought in {counted(further, 'step')} from either side of each step that it reads."
        if further
        else "The convolutions before have brought in nothing: they are one step wide."
    )
    return Question(
        f"The forward reader has come to step {step}. At which step is the backward reader, which started at the end at the same moment?",
        Number(window.steps - 1 - step),
        "Two cursors walk towards each other in the boxes of the BiLSTM: move the orange one to the step, and find the other one's.",
        f"It started at step {window.steps - 1} and has gone back {counted(step, 'step')}. By then each reader of the first LSTM layer has "
        f"read only these. {seen} The second layer reads what both readers of the first have found.",
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
    block_input = float(window.trace.fused[0, look.column, look.row])
    lines = window.working(ValueIndex("BiLSTM block", (0, look.column, look.row))).formatted()
    z = next(one for one in lines if one.line.symbol == "z")
    return Question(
        f"In the sum z of channel {look.row} at step {look.column}: which part is larger, plus or minus?",
        Choice(("what came in", "what the block adds, its bias included"), int(abs(z.result - block_input) > abs(block_input))),
        "In the arithmetic the line of z adds three numbers: the readings' sum, the bias, and what came in.",
        "The block adds to what came in and does not replace it: where it adds little, it can be skipped with little loss. What it adds "
        "may also cancel a part of what came in.",
    )


RECURRENCE = (
    Chapter(
        "Two readers, from both ends",
        "A BiLSTM block reads what the gate has mixed twice, forwards and backwards. In its first LSTM layer one reader has read all steps "
        "up to the one where it stands, the other all from there on; its second layer reads what both have found.",
        "Let the cursor walk through time, and watch the two cursors in the BiLSTM boxes.",
        r"\begin{array}{l} \overrightarrow{h}_t = \mathrm{LSTM}(x_t, \overrightarrow{h}_{t-1}) \\ "
        r"\overleftarrow{h}_t = \mathrm{LSTM}(x_t, \overleftarrow{h}_{t+1}) \end{array}",
        (excerpt(f"{BLOCK}.__init__", "self.lstm ="), excerpt(f"{BLOCK}._read", "self.lstm(h)")),
        _quarter,
        _ask_other_reader,
        asks=lambda window: window.steps > 1,
    ),
    Chapter(
        "A cell keeps, takes in, lets out",
        "Each channel of a reader is a cell with three gates between 0 and 1: how much of its state it keeps, how much of the new it takes "
        "in, and how much it lets out.",
        f"Follow the marked row through the gates' sheets up to “{CELL_STATE}”: where the forget gate is near 0, the state is lost.",
        r"c_t = f_t\, c_{t-1} + i_t\, g_t,\quad h_t = o_t \tanh(c_t)",
        (
            excerpt(
                "complex_lstm.arithmetic.recurrence:_read",
                "chunk(4",
                "sigmoid()",
                "cell = (",
                "hidden = o",
                note="The model leaves this to nn.LSTM, which gives no gates away. These lines of ours compute them again from its "
                "weights, and come to the same hidden states.",
            ),
        ),
        _cell,
        _ask_forget,
    ),
    Chapter(
        "What came in is still there",
        "What both readers found is projected back and added to what came in. LayerNorm then puts the sum on one scale.",
        "Open the fusion gate's sheet “mixed”, then BiLSTM 1: is there a row that you know again?",
        r"l_t = \mathrm{LayerNorm}\big(h_t + W\, [\overrightarrow{h}_t;\, \overleftarrow{h}_t] + b\big)",
        (excerpt(f"{BLOCK}.__init__", "self.output_proj =", "self.layer_norm ="), excerpt(f"{BLOCK}.forward")),
        _block,
        _ask_residual,
    ),
)
